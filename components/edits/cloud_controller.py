"""`cloudController`: load balancers that masters made for Services are nobody's once they may not touch them."""

from __future__ import annotations

from collections.abc import Sequence

from components.config import OFF, SERVICES, StackConfig
from components.edits.findings import NOTHING, Findings, Reach, note, refuse
from components.edits.staying import staying
from components.google.balancer import Balancer, names
from components.standing.facts import Standing
from components.wording import listed

COMES = (
    "Masters may make and delete load balancers, firewall rules and addresses in the project; what they made has to go "
    "before this can be off again, or the cluster be destroyed"
)
GOES = (
    "Masters lose their rights to load balancers; a Service of type LoadBalancer gets no address any more, and one that is "
    "left can't be deleted, for its finalizer waits for them"
)


def cloud_controller(
    standing: Standing, config: StackConfig, balancers: Sequence[Balancer] | None = None
) -> Findings:
    """`balancers` are those that stand; None where Google couldn't be asked. Then the gate `services-leave` asks once more,
    before the rights go.
    """
    former = SERVICES if standing.balancer_tag else OFF
    now = config.cloud_controller
    key, who = "cloudController", staying(standing, config)
    if (former, now) == (OFF, SERVICES):
        return note(key, former, now, COMES, reach=Reach.TAKEN_OVER, masters=who)
    if (former, now) == (SERVICES, OFF):
        if balancers:
            left = listed(names(balancers))
            why = f"Load balancers of Services ({left}) stand in the project; nobody would take them away"
            return refuse(key, former, now, why, "Delete these Services first, or make them ClusterIP")
        return note(key, former, now, GOES, reach=Reach.TAKEN_OVER, masters=who)
    images = {str(each.cloud_controller.get("image")) for each in standing.masters if each.cloud_controller}
    if now == OFF or images <= {config.cloud_controller_image}:
        return NOTHING
    return note(
        "artifacts.images.cloud-controller-manager",
        images.pop() if len(images) == 1 else tuple(sorted(images)),
        config.cloud_controller_image,
        reach=Reach.TAKEN_OVER,
        masters=who,
    )
