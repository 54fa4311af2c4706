"""The failures that are expected, in words that a user understands, each with a next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_desktop.translation import _

if TYPE_CHECKING:
    from fer_desktop.domain import Playlist


class AppError(Exception):
    """A failure that is shown to the user.

    Attributes:
        title: What went wrong, in a few words ("No camera found").
        message: What happened, in plain words; one or two sentences.
        hint: What to do next; one sentence, "" where there is nothing to do.
    """

    def __init__(self, title: str, message: str, hint: str = "") -> None:
        super().__init__(title, message, hint)
        self.title = title
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """One line for the command line and the log."""
        return f"{self.title}: {self.message} {self.hint}".rstrip()


class CancelledError(AppError):
    """The user stopped what was going on."""

    def __init__(self) -> None:
        super().__init__(_("Stopped"), _("It was stopped before it was done."))


class FrameSourceError(AppError):
    """Pictures cannot be had: no camera, a camera that is busy or gone, a file that is no picture."""


class CameraError(FrameSourceError):
    """A camera or stream gives no pictures for now; it is worth trying again.

    Attributes:
        settings_url: Opens the system's settings where the user can allow it; "" where that is not the cause.
    """

    def __init__(self, title: str, message: str, hint: str = "", *, settings_url: str = "") -> None:
        super().__init__(title, message, hint)
        self.settings_url = settings_url


class ModelError(AppError):
    """The model or the face cascade is missing, damaged, or not what its card says."""


class NoFaceError(AppError):
    """A capture was asked for where no face is to be seen."""


class SettingsError(AppError):
    """The settings, or a resource that the user may edit, cannot be read or written."""


class NewerFileError(SettingsError):
    """A file of the profile was written by a newer version of the app, which knows more than this one."""


class ClientIdError(SettingsError):
    """The Client ID is missing, or has not the form of one."""


class MusicServiceError(AppError):
    """The music service cannot do what was asked."""


class NotLoggedInError(MusicServiceError):
    """No account is connected, or its permission has ended."""


class LoginError(MusicServiceError):
    """Connecting an account did not succeed: denied, timed out, or refused."""


class ServiceRefusedError(MusicServiceError):
    """The service understood and said no (400, 403, 404)."""


class PlaylistGoneError(ServiceRefusedError):
    """A playlist does not exist, or is somebody else's."""


class PlaylistForbiddenError(PlaylistGoneError):
    """The service does not open a playlist to this app (403); so it answers for one of somebody else."""


class MissingScopeError(ServiceRefusedError):
    """The login does not allow what was asked for; a new one may."""


class RateLimitError(MusicServiceError):
    """The service asks to wait (429).

    Attributes:
        retry_after: Seconds to wait, None where the service does not say.
    """

    def __init__(self, title: str, message: str, hint: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(title, message, hint)
        self.retry_after = retry_after


class ServiceUnreachableError(MusicServiceError):
    """The network or the service is down (no connection, time-out, 5xx, an answer that makes no sense).

    Attributes:
        maybe_done: The request went out, so what it asked for may have been done all the same.
    """

    def __init__(self, title: str, message: str, hint: str = "", *, maybe_done: bool = False) -> None:
        super().__init__(title, message, hint)
        self.maybe_done = maybe_done


class NoTracksError(MusicServiceError):
    """The searches of a plan found nothing."""


class UnfinishedPlaylistError(MusicServiceError):
    """A playlist was made, but its songs are not in it; the cause is the exception's `__cause__`.

    Attributes:
        playlist: What exists at the service.
    """

    def __init__(self, title: str, message: str, hint: str = "", *, playlist: Playlist) -> None:
        super().__init__(title, message, hint)
        self.playlist = playlist
