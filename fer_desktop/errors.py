"""The expected failures, worded for users, each with a next step."""

from __future__ import annotations

from fer_desktop.translation import _


class AppError(Exception):
    """A failure that is shown to the user.

    Attributes:
        title: What went wrong, in a few words ("No camera found").
        message: What happened, in plain words; one or two sentences.
        hint: What to do next; one sentence, "" if there is nothing to do.
    """

    def __init__(self, title: str, message: str, hint: str = "") -> None:
        super().__init__(title, message, hint)
        self.title = title
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Returns one line for the command line and the log."""
        return _("{title}: {explanation}").format(title=self.title, explanation=self.explanation)

    @property
    def explanation(self) -> str:
        """The message and the hint, in one line."""
        return _("{message} {hint}").format(message=self.message, hint=self.hint).rstrip()


class CancelledError(AppError):
    """The user stopped what was running."""

    def __init__(self) -> None:
        super().__init__(_("Stopped"), _("It was stopped before it was finished."))


class FrameSourceError(AppError):
    """There is no picture: no camera, a camera that is busy or gone, or a file that is not a picture."""


class CameraError(FrameSourceError):
    """A camera or stream gives no pictures at the moment; trying again may help.

    Attributes:
        settings_url: Opens the system settings in which the user can allow it; "" if that is not the cause.
    """

    def __init__(self, title: str, message: str, hint: str = "", *, settings_url: str = "") -> None:
        super().__init__(title, message, hint)
        self.settings_url = settings_url


class ModelError(AppError):
    """The model or the face cascade is missing, damaged, or does not match its card."""


class NoFaceError(AppError):
    """A capture was requested, but there is no face in the picture."""


class FaceProfileError(AppError):
    """A face profile is missing, cannot be made, read or written, or does not fit."""


class OtherModelError(FaceProfileError):
    """A face profile was made with another model, and its faces must be shown again."""


class SettingsError(AppError):
    """The settings, or a resource that the user may edit, cannot be read or written."""


class NewerFileError(SettingsError):
    """A file of the profile was written by a newer version of the app."""


class ClientIdError(SettingsError):
    """The Client ID is missing or malformed."""


class MusicServiceError(AppError):
    """The music service cannot do what it was asked to."""


class NotLoggedInError(MusicServiceError):
    """No account is connected, or its permission has expired."""


class LoginError(MusicServiceError):
    """Connecting an account did not succeed: denied, timed out, or refused."""


class ServiceRefusedError(MusicServiceError):
    """The service understood the request and refused it (400, 403, 404)."""


class PlaylistGoneError(ServiceRefusedError):
    """A playlist does not exist, or belongs to someone else."""


class PlaylistForbiddenError(PlaylistGoneError):
    """The service denies this app access to a playlist (403), as it does for those of other users."""


class MissingScopeError(ServiceRefusedError):
    """The login does not permit the request; a new login may."""


class RateLimitError(MusicServiceError):
    """The service asks you to wait (429).

    Attributes:
        retry_after: Seconds to wait; None if the service does not say.
    """

    def __init__(self, title: str, message: str, hint: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(title, message, hint)
        self.retry_after = retry_after


class ServiceUnreachableError(MusicServiceError):
    """The network or the service is down (no connection, timeout, 5xx, a malformed answer).

    Attributes:
        maybe_done: The request was sent, so it may have taken effect.
    """

    def __init__(self, title: str, message: str, hint: str = "", *, maybe_done: bool = False) -> None:
        super().__init__(title, message, hint)
        self.maybe_done = maybe_done


class NoTracksError(MusicServiceError):
    """The searches of a plan found no tracks."""


class UnfinishedPlaylistError(MusicServiceError):
    """A playlist was created, but its tracks were not added; `__cause__` says why."""
