"""Who did something: a person, an agent on somebody's behalf, a service, or somebody unknown."""

from enum import Enum

from release_harness.kernel.records import record


class ActorKind(Enum):
    """The kinds of actor; unknown counts as agent wherever a person is asked for."""

    UNKNOWN = "unknown"
    AGENT = "agent"
    SERVICE = "service"
    PERSON = "person"


@record
class Actor:
    """An identity as it was claimed by the environment of a command or a commit."""

    kind: ActorKind
    id: str
    """The person's or agent's id in the policy, else the e-mail address in lower case, else `unknown`."""
    name: str = ""
    email: str = ""
    on_behalf_of: str = ""
    """Id of the person who started the agent; empty for people."""


class ProofLevel(Enum):
    """How well it is proven that a person acted; the first member is the weakest."""

    LOGIN = "login"
    KEY = "key"
    PRESENCE = "presence"

    def reaches(self, wanted: "ProofLevel") -> bool:
        """Tell whether this level is at least the wanted one."""
        order = tuple(ProofLevel)
        return order.index(self) >= order.index(wanted)
