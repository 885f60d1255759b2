"""What projects are called: by their file, or, until they have one, by what is in them and when."""

from datetime import datetime

from studio import i18n
from studio.i18n import t
from studio.project.project import Project
from studio.project.shelf import Glance, glance_at
from studio.state.titles import title

_MOST = 40  # characters
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def name_of(project: Project) -> str:
    """Of the project that is open. Raises ProjectError."""
    return project_name(glance_at(project))


def project_name(seen: Glance) -> str:
    """The stem of a file that the artist named; else the references and the day they came."""
    if not seen.untitled:
        return seen.path.stem
    if not seen.references:
        return t("project.untitled")
    date = day(seen.begun or seen.changed)
    return t("project.named", what=subject(seen.references), date=date)


def subject(names: tuple[str, ...]) -> str:
    """What several files have in common at the beginning of their names; or the first of them."""
    titles = [title(name) for name in names]
    words = [one.split(" ") for one in titles]
    shared = 0
    while all(len(each) > shared + 1 for each in words) and len(words) > 1:
        if len({each[shared].lower() for each in words}) > 1:
            break
        shared += 1
    if shared:
        return " ".join(words[0][:shared])[:_MOST]
    first = titles[0][:_MOST]
    return first if len(titles) == 1 else t("project.and_others", first=first, n=len(titles) - 1)


def day(moment: datetime) -> str:
    """A day as one says it; with the year where it is another one."""
    local = moment.astimezone()
    year = local.year != datetime.now().astimezone().year
    if i18n.language() == "zh":
        return f"{f'{local.year}年' if year else ''}{local.month}月{local.day}日"
    return f"{local.day} {_MONTHS[local.month - 1]}{f' {local.year}' if year else ''}"
