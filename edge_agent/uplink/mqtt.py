"""The uplink: carries the session's messages over one MQTT connection after another.

One task publishes, in the order in which the session numbered the messages: a `seq` taken in one task and
published in another would be a gap on the wire. A new client is made for each attempt, since the will, and
with it `bdSeq`, belongs to one CONNECT.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import aiomqtt

from contract import compression, topic
from contract.delivery import Loss
from contract.errors import Rejected, Transient
from edge_agent.cancellation import heed_cancellation
from edge_agent.config import Mqtt, Server
from edge_agent.uplink import session as sparkplug
from edge_agent.uplink.backoff import Backoff
from edge_agent.uplink.devices import Devices
from edge_agent.uplink.disk import Disk
from edge_agent.uplink.draft import Batch
from edge_agent.uplink.lanes import Lanes
from edge_agent.uplink.mqtt_client import COMMANDS_MAX, Client, client_of, with_reason
from edge_agent.uplink.outbox import Announced, Extent, Outbox
from edge_agent.uplink.presumed import Presumed
from edge_agent.uplink.primary_host import PrimaryHost
from edge_agent.uplink.session import Committed, Declared, EdgeSession, Publish, Rebirth

log = logging.getLogger(__name__)

TICK_S: Final = 0.1
LIVE_MAX: Final = 2_000
"""Live batches that may wait for the link; above it they go as history."""
ANNOUNCEMENTS_MAX: Final = 1_000
"""Losses that wait to be announced; the outbox knows all of them and tells them again at the next birth."""
LOSSES_PER_MESSAGE: Final = 100
REBIRTH_PAUSE_MS: Final = 1_000
"""Rebirth requests that come closer together are answered once."""


class HostOffline(Transient):
    """The primary host is not there: say farewell, and try the next server."""


@dataclass(slots=True)
class UplinkHealth:
    """What the uplink counts of itself."""

    connected: bool = False
    connections: int = 0
    messages: int = 0
    bytes: int = 0
    bytes_uncompressed: int = 0
    historical: int = 0
    rebirths: int = 0
    commits: int = 0
    commits_ignored: int = 0
    commands_dropped: int = 0
    commands_malformed: int = 0
    device_deaths: int = 0
    waits_for_host: bool = False
    """Connected, and waiting for the primary host before any birth."""
    server: str = ""
    disk_errors: int = 0


@dataclass(slots=True)
class Uplink:
    """Publishes batches and takes commits; `run` until cancelled, then `farewell` was sent if it could be."""

    config: Mqtt
    session: EdgeSession
    lanes: Lanes
    devices: Devices
    primary_host: PrimaryHost
    presumed: Presumed | None
    """Only where the host never commits."""
    outbox: Outbox
    disk: Disk
    backoff: Backoff
    now_ms: Callable[[], int]
    """The wall clock, for timestamps."""
    monotonic_ms: Callable[[], int]
    """For waiting."""
    hear_time: Callable[[int], object] = lambda _: None
    """Takes what the centre says the time is."""
    health: UplinkHealth = field(default_factory=UplinkHealth)
    live: deque[Batch] = field(default_factory=deque)
    commands: deque[bytes] = field(default_factory=deque)
    losses: dict[tuple[str, int], Loss] = field(default_factory=dict)
    """To be announced, by metric and first batch: a run that grows is told once."""
    touched: dict[str, set[int]] = field(default_factory=dict)
    """Metrics sent as history since the lane last ran empty, by device."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    born_at_ms: int = 0
    is_redeclared: bool = False
    server: int = 0
    """Which of the servers is tried or used."""

    def offer(self, batches: Sequence[Batch]) -> None:
        """Send these now if the link is up; else they are history for the next connection."""
        if not self.session.online or not batches:
            return
        if len(self.live) + len(batches) > LIVE_MAX:
            self.live.clear()
            self.lanes.overflowed(batches[-1].number, self.monotonic_ms())
        else:
            self.live.extend(batches)
        self.wake.set()

    def announce(self, lost: Iterable[Announced]) -> None:
        """Tell the centre of losses with the next message."""
        for one in lost:
            if len(self.losses) < ANNOUNCEMENTS_MAX or (one.metric, one.loss.first) in self.losses:
                self.losses[one.metric, one.loss.first] = one.loss
        self.wake.set()

    def redeclare(self, devices: Mapping[str, Sequence[Declared]], batch_alias: Mapping[str, int]) -> None:
        """Declare other metrics from now on; where the link is up, by births before any more data."""
        self.session.devices, self.session.batch_alias = devices, batch_alias
        self.is_redeclared = self.session.online
        self.wake.set()

    async def run(self) -> None:
        """Connect, serve, and connect again: to the next server, where there are several."""
        servers = self.config.servers
        while True:
            server = servers[self.server % len(servers)]
            try:
                await self.connection(server)
            except (aiomqtt.MqttError, OSError, ValueError) as error:
                if self.health.connected or self.backoff.failures == 0:
                    log.warning("broker %s lost or absent: %s", server, error)
            except HostOffline:
                log.warning("primary host %s is not online at broker %s", self.primary_host.host_id, server)
            except sqlite3.Error as error:
                self.health.disk_errors += 1
                if self.backoff.failures == 0:
                    log.warning("outbox cannot be used (%s): free disk space", error)
            finally:
                self.health.connected = self.health.waits_for_host = False
                self.session.online = False
                self.live.clear()
            heed_cancellation()
            self.server += 1
            await asyncio.sleep(self.backoff.failed())

    async def connection(self, server: Server) -> None:
        """One connection from CONNECT to its end; a cancelled task says farewell first."""
        bd_seq = await self.disk.run(self.outbox.next_bd_seq)
        self.health.server = str(server)
        self.primary_host.connected(str(server))
        client = client_of(self.config, server, self.session.will(bd_seq, self.now_ms()))
        try:
            await self.talk(client)
        except (aiomqtt.MqttError, OSError, ValueError):
            if not client.has_dialled:
                await self.disk.run(self.outbox.give_back_bd_seq, bd_seq)
            raise

    async def talk(self, client: Client) -> None:
        """Connect, and everything from there to the end of the connection."""
        async with client:
            await client.subscribe(topic.commands(self.session.group, self.session.node), qos=1)
            if self.primary_host.host_id is not None:
                await client.subscribe(topic.state(self.primary_host.host_id), qos=1)
            reader = asyncio.create_task(self.read(client), name=f"edge[{self.session.node}].commands")
            try:
                await self.host(reader)
                await self.birth(client)
                self.backoff.succeeded()
                await self.serve(client, reader)
            except (asyncio.CancelledError, HostOffline):
                with suppress(
                    aiomqtt.MqttError
                ):  # the broker may be gone; an error here would undo the cancellation
                    if self.session.online:
                        await self.publish(client, self.session.farewell(self.now_ms()))
                        with_reason(client, self.config)
                raise
            finally:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)

    async def host(self, reader: asyncio.Task[None]) -> None:
        """Wait until the primary host is online; raises `HostOffline` when there are other servers to try.

        tck-id-message-flow-edge-node-birth-publish-phid-wait.
        """
        give_up_ms = self.monotonic_ms() + round(1000 * self.config.host_wait_s)
        while not self.primary_host.is_online:
            self.health.waits_for_host = True
            if len(self.config.servers) > 1 and self.monotonic_ms() >= give_up_ms:
                raise HostOffline
            await self.pause(reader)
        self.health.waits_for_host = False

    async def serve(self, client: aiomqtt.Client, reader: asyncio.Task[None]) -> None:
        """Publish whatever is due until the connection ends; raises `HostOffline` when the primary host leaves.

        tck-id-operational-behavior-edge-node-termination-host-offline.
        """
        while True:
            heed_cancellation()
            if not self.primary_host.is_online:
                raise HostOffline
            await self.pump(client)
            await self.pause(reader)

    async def pause(self, reader: asyncio.Task[None]) -> None:
        """Until there is something to do, or for a moment; raises `MqttError` when the connection has ended."""
        if reader.done():
            reader.result()
            raise aiomqtt.MqttError("the broker ended the connection")
        with suppress(TimeoutError):
            async with asyncio.timeout(TICK_S):
                await self.wake.wait()
        self.wake.clear()

    async def read(self, client: aiomqtt.Client) -> None:
        """Queue incoming commands; above the bound the newest is dropped: hosts repeat them."""
        async for message in client.messages:
            if not isinstance(message.payload, bytes):
                self.health.commands_dropped += 1
            elif self.primary_host.host_id and message.topic.value == topic.state(self.primary_host.host_id):
                self.primary_host.state(message.payload)
            elif len(self.commands) >= COMMANDS_MAX:
                self.health.commands_dropped += 1
            else:
                self.commands.append(message.payload)
            self.wake.set()

    async def birth(self, client: aiomqtt.Client) -> None:
        """Births; from then on new batches are live, and everything kept and not committed is history."""
        extent, losses = await self.disk.run(self.standing)  # at once: what is written in between is nobody's
        self.announce(losses)
        self.is_redeclared = False
        births = self.session.births(
            extent.oldest, self.now_ms(), lost=self.devices.lost, given_up=self.outbox.readings_lost
        )
        self.born_at_ms = self.monotonic_ms()
        self.live = deque(batch for batch in self.live if batch.number >= extent.following)
        for message in births:
            await self.publish(client, message)
        self.lanes.connected(extent.oldest, extent.following - 1, self.monotonic_ms())
        if self.presumed:
            self.presumed.connected()
        if not self.health.connected:
            self.health.connected = True
            self.health.connections += 1
            log.info("connected to %s, %s readings kept", self.health.server, extent.readings)

    def standing(self) -> tuple[Extent, list[Announced]]:
        """What is kept and what is to be announced; in the disk's thread."""
        return self.outbox.extent(), self.outbox.losses()

    async def pump(self, client: aiomqtt.Client) -> None:
        """One round: births where they are due, commands, losses, then live batches, then history."""
        if self.is_redeclared:
            await self.birth(client)
        while self.commands:
            await self.command(client, self.commands.popleft())
        while self.losses:
            told = [*self.losses][:LOSSES_PER_MESSAGE]
            losses = [(metric, self.losses.pop((metric, first))) for metric, first in told]
            await self.publish(
                client, self.session.announce(losses, self.outbox.readings_lost, self.now_ms())
            )
            self.lanes.heard_of(max(loss.last for _, loss in losses))
        for device in self.session.devices.keys() - self.session.born - self.devices.lost:
            await self.publish(client, self.session.device_birth(device, self.now_ms()))
        while self.live:
            batch = self.live.popleft()
            await self.send(client, batch, batch.body)
            self.lanes.sent_live(batch.number, self.monotonic_ms())
        if run := self.lanes.history_due(self.monotonic_ms()):
            await self.send_history(client, *run)
        if self.lanes.refresh():
            await self.send_newest(client)
        if not self.lanes.in_history:
            await self.bury(client)
        if self.presumed:
            await self.presume(self.presumed)

    async def presume(self, presumed: Presumed) -> None:
        """Without commits: what went long enough ago has arrived."""
        now_ms = self.monotonic_ms()
        presumed.went(self.lanes.sent_through, now_ms)
        if (number := presumed.arrived(now_ms)) is not None:
            await self.commit(self.outbox.epoch, number)

    async def bury(self, client: aiomqtt.Client) -> None:
        """DDEATH of lost devices, once what they had left to say is sent."""
        for device in self.devices.lost & self.session.born:
            self.health.device_deaths += 1
            await self.publish(client, self.session.device_death(device, self.now_ms()))

    async def send(self, client: aiomqtt.Client, batch: Batch, body: bytes) -> None:
        """A batch; a device that is lost is born again for what is kept of it."""
        if batch.device not in self.session.born:
            await self.publish(client, self.session.device_birth(batch.device, self.now_ms()))
        message = self.session.data(batch.device, body, batch.number, self.now_ms(), batch.newest_ms)
        await self.publish(client, message)

    async def send_history(self, client: aiomqtt.Client, first: int, last: int) -> None:
        """Batches again, flagged as not current."""
        for batch in await self.disk.run(self.outbox.read, first, last, last - first + 1):
            await self.send(client, batch, sparkplug.historical(batch.body))
            self.touched.setdefault(batch.device, set()).update(sparkplug.aliases(batch.body))
            self.health.historical += 1

    async def send_newest(self, client: aiomqtt.Client) -> None:
        """After a re-send: the newest value of each touched metric once more, as ordinary data."""
        for device, aliases in self.touched.items():
            if device in self.session.born and (
                message := self.session.refresh(device, aliases, self.now_ms())
            ):
                await self.publish(client, message)
        self.touched.clear()

    async def command(self, client: aiomqtt.Client, data: bytes) -> None:
        """Do what one NCMD asks for."""
        try:
            commands = self.session.command(data)
        except Rejected:
            self.health.commands_malformed += 1
            return
        for command in commands:
            match command:
                case Rebirth():
                    if self.monotonic_ms() - self.born_at_ms >= REBIRTH_PAUSE_MS:
                        self.health.rebirths += 1
                        await self.birth(client)
                case Committed(epoch, number, at_ms):
                    if epoch == self.outbox.epoch and at_ms:
                        self.hear_time(at_ms)
                    await self.commit(epoch, number)

    async def commit(self, epoch: str, number: int) -> None:
        """Delete what the centre has stored; another epoch's word, or a number never sent, is ignored and counted."""
        if epoch != self.outbox.epoch or not self.lanes.commit(number, self.monotonic_ms()):
            self.health.commits_ignored += 1
            return
        self.health.commits += 1
        try:
            await self.disk.run(self.outbox.commit, number)
        except sqlite3.Error:
            self.health.disk_errors += 1  # a full disk; the next commit deletes this one's batches too

    async def publish(self, client: aiomqtt.Client, message: Publish) -> None:
        """One message on the wire; a death is never compressed: every host must know it."""
        data = message.payload
        if self.config.compression == "deflate" and message.qos == 0:
            data = compression.compressed(data)
        await client.publish(message.topic, data, qos=message.qos, retain=False)
        self.health.messages += 1
        self.health.bytes += len(data)
        self.health.bytes_uncompressed += len(message.payload)
