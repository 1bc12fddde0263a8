"""What the command line says to people, Chinese first; the console has its own words in dashboards/web."""

from __future__ import annotations

from typing import Final

from contract.quality import Quality

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
CHECK_LOAD: Final = "采集负荷 / load"
CHECK_LOAD_NOTE: Final = "占用不含设备应答时间 / busy: without the time that devices take to answer"
CHECK_DOUBT: Final = "警告 warning: {doubt}"
CHECK_OK: Final = "配置无误 / config is good: {what}"
TABLE_IS_GBK: Final = "{file}: GBK 编码，按 UTF-8 写出 / was in GBK, is written in UTF-8"
TABLE_IS_PROFILE: Final = (
    "{file}: 设备模板，{words} 由配置的 instances 给出；填入后由 edge check 检查 / "
    "a device profile: the config's instances give {words}; edge check looks at it filled in"
)
TABLE_WRITTEN: Final = "{file}: 写入 {rows} 行 / {rows} rows written"
READ_NOTHING: Final = "没有这样的测点 / no such points"
READ_UNREACHABLE: Final = "{source}: 连不上 / out of reach: {why}"
QUALITIES: Final = {Quality.GOOD: "良好 good", Quality.BAD: "坏 bad", Quality.STALE: "过期 stale"}
TROUBLES: Final = {
    "timeout": "不应答 / no answer",
    "garbled_reply": "应答有误 / garbled reply",
    "connect": "连不上 / cannot connect",
    "connection_lost": "连接中断 / connection lost",
    "tls": "TLS 失败 / TLS failed",
    "exception_1": "异常 1：不支持此功能码 / illegal function",
    "exception_2": "异常 2：没有此地址 / illegal address",
    "exception_3": "异常 3：数量不接受 / illegal data value",
    "exception_4": "异常 4：设备故障 / device failure",
    "exception_6": "异常 6：设备忙 / device busy",
    "exception_10": "异常 10：网关无通路 / gateway has no path",
    "exception_11": "异常 11：网关后设备不应答 / no answer behind the gateway",
    "no_value": "读到但无效（NaN、未列出的代码等） / read, but no value",
    "no_snapshot": "没有有效的人员位置文件 / no snapshot holds",
    "namespace_unknown": "服务器没有此命名空间 / no such namespace",
    "node_id_unreadable": "节点号写法不对 / not a node id",
    "browse_path_unreadable": "浏览路径写法不对 / not a browse path",
    "BadNodeIdUnknown": "没有此节点 / no such node",
    "BadNoMatch": "路径没有对应节点 / no node at the end of the path",
}
"""What is wrong with a point that was read once; what stands here not is shown as it is."""
PROBE_TITLE: Final = "解释 / decodings"
PROBE_CELLS: Final = "最接近的写入点表 / the closest, for the point table:"
PROBE_MORE: Final = "另有 {count} 种，--all 列出 / {count} more, --all lists them"
PROBE_TABLE: Final = "只有 holding、input 有字节序 / only holding and input registers have a byte order"
PROBE_PLACE: Final = (
    "给出 HOST[:PORT] 或 --serial /dev/ttyS1,9600,8E1，二者取一 / "
    "give HOST[:PORT] or --serial /dev/ttyS1,9600,8E1, one of them"
)
PROBE_REFUSED: Final = (
    "设备拒绝读取地址 {address}：{why} / the device refuses to read address {address}: {why}"
)
PROBE_FAILED: Final = "连不上或不应答 / out of reach, or no answer: {why}"
BROWSE_PLACE: Final = "给出 opc.tcp://… 或 --source，二者取一 / give opc.tcp://… or --source, one of them"
BROWSE_NO_SOURCE: Final = "配置中没有名为 {name} 的 OPC UA 数据源 / the config has no OPC UA source {name}"
BROWSE_FAILED: Final = "浏览失败 / browsing failed: {why}"
BROWSE_NOT_WHOLE: Final = (
    "只看了前 {count} 个节点，--max 放宽 / only the first {count} nodes were looked at; --max raises it"
)
BROWSE_LEFT_OUT: Final = (
    "{count} 个变量是数组、结构等，代理读不了 / {count} variables are arrays, structures …: not readable"
)
BROWSE_WRITTEN: Final = (
    "{file}: {rows} 行，{guessed} 行已猜出测点名；补全 area、metric 后用 edge points import 检查 / "
    "{rows} rows, {guessed} with a guessed metric; fill in area and metric, then run edge points import"
)
BROWSE_TITLE: Final = "变量 / variables"
REGISTRY_TAKEN: Final = (
    "新增 {added}，修改 {changed}，未变 {unchanged} / "
    "{added} rows added, {changed} changed, {unchanged} as they were"
)
REGISTRY_WOULD: Final = (
    "检查无误，未写入：将新增 {added}，修改 {changed}，未变 {unchanged} / "
    "no fault, nothing written: {added} would be added, {changed} changed, {unchanged} as they are"
)
REGISTRY_IS_DEMO: Final = "演示数据 / demonstration data"
REGISTRY_HEAD: Final = "审计记录 {number} 条，签封 {seal} / audit log: {number} entries, seal {seal}"
REGISTRY_RESTORED: Final = "恢复 {rows} 行 / {rows} rows restored"
REGISTRY_NO_SEAL: Final = "审计记录中没有签封 {seal} / this seal is not in the audit log"
GATEWAY_NO_USERS: Final = (
    "还没有用户，先运行 / there are no users yet, first run: "
    "ninebelow user add NAME --role admin --scope province --config {file}"
)
GATEWAY_NO_TLS: Final = (
    "口令将明文传输：设置 http.certificate 和 http.key，或在前面放一个 https 代理 / "
    "passwords go unencrypted: set http.certificate and http.key, or put an https proxy in front"
)
USER_PROMPT: Final = "口令 / password"
USER_AGAIN: Final = "再输一次 / again"
USER_DIFFERS: Final = "两次输入不同 / the two are not the same"
USER_NO_INPUT: Final = "标准输入没有口令 / no password on stdin"
USER_ADDED: Final = "已添加用户 / user added: {name} ({role}, {scope})"
USER_TURNED: Final = "已更改 / changed: {name} ({role}, {scope})"
USER_CHANGED: Final = "口令已改，{name} 的登录全部失效 / password changed, the sessions of {name} have ended"
USER_CLOSED: Final = "已停用 / closed: {name}"
USER_KIOSK: Final = (
    "大屏 {name}：{hours:g} 小时内在大屏上打开一次，链接只显示这一次 / "
    "wall {name}: open this once on the wall within {hours:g} h; it is shown only now"
)
USER_UNKNOWN_MINE: Final = "配置中没有煤矿 {mine} / the config has no mine {mine}"
USER_UNKNOWN_SCOPE: Final = (
    "提示：登记库中现在没有“{of}”，登记之前什么也看不到 / "
    "note: the registry has no {of} now; until then nothing is seen"
)
DASHBOARDS_WRITTEN: Final = (
    "写入 {written} 个文件，{unchanged} 个未变 / {written} files written, {unchanged} as they were"
)
DASHBOARDS_STALE: Final = (
    "{file}: 与代码不一致，运行 ninebelow dashboards build / is not what the code builds: run it"
)
DASHBOARDS_EXTRA: Final = (
    "缺少 Grafana 客户端，装在单独的虚拟环境里 / Grafana's client is missing; in an environment of its own: "
    "pip install 'ninebelow[grafana]'"
)
DASHBOARDS_DONE: Final = {"created": "新建 created", "updated": "更新 updated", "unchanged": "未变 unchanged"}
DASHBOARDS_PARTS: Final = {
    "folder": "文件夹 folder",
    "datasource": "数据源 data source",
    "dashboard": "看板 dashboard",
    "rules": "报警规则 alert rules",
}
DASHBOARDS_NOTHING: Final = "没有变化 / nothing was changed"
DASHBOARDS_CHANGED: Final = "{count} 处已改 / {count} changed"
DASHBOARDS_WOULD: Final = "{count} 处不一致，未写入 / {count} differ, nothing was written"
