"""What the agent on a modelled machine does: looks, asks the planner, performs its step, reports."""

from __future__ import annotations

import json

from lab.guest_model.cloud import CloudError
from lab.guest_model.durations import HEARTBEAT_SECONDS, Durations
from lab.guest_model.etcd import RefusedError
from lab.guest_model.guest import Guest
from lab.guest_model.instance import InstanceError
from lab.guest_model.perform import perform
from node.planner import steps
from node.planner.leaving import departure
from node.planner.observed import Desired
from node.planner.plan import plan

_STEPS_TO_LEAVE = 3  # hand over, leave, see that it is so


def leave(guest: Guest, now: float) -> str:
    """Does at once what a real agent does whose machine is told to stop. Returns what was done, in words, or nothing."""
    if guest.frozen or guest.abrupt or guest.failing or not guest.etcd_running:
        return ""
    done = ""
    guest.bucket.forget()
    desired = guest.bucket.desired()
    try:
        for _ in range(_STEPS_TO_LEAVE):
            step = departure(*guest.seen(desired, now))
            match step:
                case steps.MoveLeader(member_id=member_id):
                    guest.etcd.move_leader(member_id)
                case steps.Remove(member_id=member_id):
                    guest.etcd.remove(member_id)
                    done = f"leaves etcd: {step.reason}"
                case _:
                    break
    except RefusedError as error:
        guest.say(now, f"stops without having left etcd: {error}")
    if done:
        guest.say(now, done)
        guest.etcd_running = guest.ready = False
        guest.drained_at, guest.phase = now, "gone"
        guest.report(desired, done, now)
    return done


def tick(guest: Guest, now: float, durations: Durations) -> str:
    """Looks once, takes at most one step, and sets when to look again. Returns what was done, in words, or nothing."""
    if guest.frozen or now < guest.boots_at:
        guest.due = now + 3600 if guest.frozen else guest.boots_at
        return ""
    done, reason, step = "", "", None
    guest.due = now + durations.look
    guest.etcd.elect(now, durations.election)
    if now - guest.written_at >= HEARTBEAT_SECONDS:
        guest.bucket.forget()
    desired = guest.bucket.desired()
    try:
        _check(guest, desired)
        step = plan(*guest.seen(desired, now), durations.patience)
        if isinstance(step, steps.Wait | steps.Nothing):
            reason = step.reason
            guest.say(now, reason)
        else:
            guest.due = now
            done = perform(guest, step, now, durations)
            if done:
                guest.say(now, done)
    except (CloudError, InstanceError, RefusedError) as error:
        reason = str(error)
        guest.say(now, reason)
        guest.due = now + durations.retry
        failed = not isinstance(error, RefusedError)
    else:
        failed = False
    guest.etcd.elect(now, durations.election)
    _serve(guest, now, durations)
    guest.phase = "failed" if failed else guest.phase_after(step)
    if guest.ill_as and not guest.ready:
        reason = f"its apiserver doesn't get ready as {guest.ill_as}"
    guest.report(desired, "" if guest.phase == "serving" and guest.ready else reason, now)
    if isinstance(step, steps.Nothing) and not failed and (guest.ready or guest.phase == "gone"):
        guest.due = max(guest.due, guest.written_at + HEARTBEAT_SECONDS)
    return done


def _check(guest: Guest, desired: Desired) -> None:
    """Raises what a boot would fail at."""
    instance = guest.instance
    if guest.failing:
        raise InstanceError(guest.failing)
    if not instance.disk:
        raise InstanceError("no data disk is attached: attach the replica's data disk")
    if not instance.account:
        raise InstanceError("the VM has no service account, so it can't read its secret")
    if desired.members and desired.members.cluster != instance.cluster:
        raise InstanceError(
            f"metadata says cluster {instance.cluster!r}, the list {desired.members.cluster!r}"
        )
    if guest.checked_secret == instance.secret and instance.secret:
        return
    if not instance.secret:
        raise InstanceError("metadata has no `secret`")
    try:
        found = json.loads(guest.cloud.secret(instance.secret))
    except ValueError:
        raise InstanceError(f"secret {instance.secret} holds no JSON") from None
    if not isinstance(found, dict):
        raise InstanceError(f"secret {instance.secret} holds no JSON object")
    guest.checked_secret, guest.files = instance.secret, found


def _serve(guest: Guest, now: float, durations: Durations) -> None:
    """The apiserver is ready beside a voter that takes part in a quorum, and not while it drains."""
    etcd = guest.etcd
    mine = etcd.member_of(guest.name)
    marker, _ = guest.bucket.marker()
    votes = bool(mine and mine.role == "voter" and mine.id in etcd.live and guest.etcd_running)
    ill = bool(guest.ill_as) and guest.ill_as == guest.instance.kubernetes_version
    if not ill:
        guest.running_hash = guest.instance.config_hash
    together = votes and etcd.has_quorum() and marker and marker.formed
    if not together or ill or guest.drained_at is not None:
        guest.ready_at, guest.ready = None, False
        return
    if guest.ready_at is None:
        guest.ready_at = now + durations.apiserver
    guest.ready = now >= guest.ready_at
    guest.served = guest.served or guest.ready
    if not guest.ready:
        guest.due = min(guest.due, guest.ready_at)
