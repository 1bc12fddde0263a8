"""Who the people of the virtual mine are: each one's card, fictitious name, trade and post.

Names begin with 演示, so that nobody takes them for somebody's. The card's number is the mine's code and five digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from simulators.people import INSPECTORS, People, Person
from simulators.plant import Area
from simulators.shifts import NAMES

FIRST_NUMBER: Final = 10_001
SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
SCHOOLING: Final = ("初中", "高中", "中专", "大专", "本科")
SPECIAL: Final = frozenset(
    {"采煤机司机", "掘进机司机", "瓦斯检查员", "安全检查员", "电钳工", "主排水泵工", "变配电工", "主通风机工"}
)
"""Trades that need a certificate of their own (特种作业)."""
LEADER: Final = "矿领导"

Work = tuple[str, str]
"""Trade (工种) and post (职务)."""

HEAD: Final = "班长"
MEMBER: Final = "组员"
MINING: Final[tuple[Work, ...]] = (
    ("采煤工", HEAD), ("采煤机司机", MEMBER), ("支架工", MEMBER), ("支架工", MEMBER), ("刮板机司机", MEMBER),
    ("瓦斯检查员", "专职瓦斯检查员"), ("电钳工", MEMBER), ("泵站工", MEMBER), ("端头工", MEMBER),
)  # fmt: skip
DRIVING: Final[tuple[Work, ...]] = (
    ("掘进工", HEAD), ("掘进机司机", MEMBER), ("支护工", MEMBER), ("支护工", MEMBER), ("瓦斯检查员", "专职瓦斯检查员"),
    ("皮带机司机", MEMBER), ("电钳工", MEMBER), ("掘进工", MEMBER),
)  # fmt: skip
MAINTENANCE: Final[tuple[Work, ...]] = (
    ("维修工", HEAD), ("瓦斯检查员", "专职瓦斯检查员"), ("电钳工", MEMBER), ("维修工", MEMBER), ("支架工", MEMBER),
)  # fmt: skip
MAINTAINER: Final[Work] = ("维修工", MEMBER)
"""Whoever is more than these."""
CREWS: Final = {"mining_face": MINING, "driving_face": DRIVING}
VISITING: Final = "外来"
PATROL: Final[tuple[Work, ...]] = (("巡检工", "巡检员"), ("主排水泵工", "巡检员"), ("变配电工", "巡检员"))
INSPECTION: Final[tuple[Work, ...]] = (
    ("管理人员", LEADER), ("安全检查员", "安全检查员"), ("瓦斯检查员", "巡回瓦斯检查员"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """What the positioning system knows of who carries it; everything invented."""

    code: str
    name: str
    trade: str
    post: str
    team: str
    born: str
    """Year and month."""
    schooling: str

    @property
    def is_leader(self) -> bool:
        """是否矿领导."""
        return self.post == LEADER

    @property
    def is_special(self) -> bool:
        """是否特种人员."""
        return self.trade in SPECIAL


def cards_of(mine: str, people: People, areas: Iterable[Area]) -> Mapping[Person, Card]:
    """Everybody's card. Visitors come last in the roster, so that they change no other."""
    posts = {visit.name: visit.post for visit in people.visits}
    faces = {area.code: area for area in areas if area.kind in CREWS}
    found = {}
    for number, person in enumerate(people.roster()):
        if person.crew in posts:
            (trade, post), team = (posts[person.crew], posts[person.crew]), VISITING
        else:
            face = faces.get(person.crew)
            trade, post = work_of(person, face)
            team = f"{face.name if face else person.crew} {NAMES[person.turn]}"
        found[person] = Card(
            code=f"{mine}{FIRST_NUMBER + number:05}",
            name=f"演示{SURNAMES[number % len(SURNAMES)]}{number + 1:03}",
            trade=trade,
            post=post,
            team=team,
            born=f"{1968 + number * 7 % 35}-{number % 12 + 1:02}",
            schooling=SCHOOLING[number % len(SCHOOLING)],
        )
    return found


def work_of(person: Person, face: Area | None) -> Work:
    """Trade and post of one of the mine's own people; the first shift of a day (turn 0) maintains."""
    if face is None:
        posts = INSPECTION if person.crew == INSPECTORS else PATROL
        return posts[person.number % len(posts)]
    if person.turn == 0:
        return MAINTENANCE[person.number] if person.number < len(MAINTENANCE) else MAINTAINER
    crew = CREWS[face.kind]
    return crew[person.number] if person.number < len(crew) else (crew[0][0], MEMBER)
