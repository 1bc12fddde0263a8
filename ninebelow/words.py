"""What the command line says to people, Chinese first; the console has its own words in dashboards/web."""

from __future__ import annotations

from typing import Final

DEMO_STARTING: Final = (
    "启动虚拟煤矿（Modbus TCP、OPC UA）、MQTT 代理、采集中心 … / starting the virtual mine, broker, centre …"
)
DEMO_RUNNING: Final = """\
演示正在运行（演示数据） / the demo is running (demonstration data)
  控制台 console     {console}
  接口   API         {console}/openapi.json
  虚拟矿 Modbus TCP  {modbus}
         OPC UA      {opcua}
  MQTT   broker      {broker}
  存储   historian   {store}
  时间   speed       {speed:g}×
Ctrl-C 停止 / stops it"""
DEMO_FIRST: Final = "第一条读数已入库 / first reading stored after {seconds:.1f} s"
DEMO_STOPPING: Final = "正在停止 … / stopping …"
DEMO_STOPPED: Final = (
    "已停止：采集 {produced}，入库 {stored}，丢失 {lost} / "
    "stopped: produced {produced}, stored {stored}, lost {lost}"
)
CHECK_OK: Final = "配置无误 / config is good: {what}"
