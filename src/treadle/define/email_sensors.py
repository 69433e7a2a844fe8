"""A sensor that sends a mail when a run fails."""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from html import escape
from typing import Any, Literal

from treadle.core.errors import InvalidDefinitionError
from treadle.core.schedules import DefaultSensorStatus
from treadle.define.context.run_status_context import RunFailureSensorContext
from treadle.define.old_names import renamed
from treadle.define.run_status_sensors import RunFailureSensorDefinition, run_failure_sensor

_PORTS = {"SSL": smtplib.SMTP_SSL_PORT, "STARTTLS": 587}
_TIMEOUT_SECONDS = 30


def _default_failure_email_body(context: RunFailureSensorContext) -> str:
    """What happened, as HTML."""
    run = context.dagster_run
    message = escape(context.failure_event.message or "")
    return f"Run {escape(run.run_id)} of job <b>{escape(run.job_name)}</b> failed.<br><br>Error:<br><pre>{message}</pre>"


def _default_failure_email_subject(context: RunFailureSensorContext) -> str:
    """One line that says which job failed."""
    return f"Run failed: {context.dagster_run.job_name}"


def make_email_on_run_failure_sensor(
    email_from: str,
    email_password: str,
    email_to: Sequence[str],
    email_body_fn: Callable[[RunFailureSensorContext], str] = _default_failure_email_body,
    email_subject_fn: Callable[[RunFailureSensorContext], str] = _default_failure_email_subject,
    smtp_host: str = "smtp.gmail.com",
    smtp_type: Literal["SSL", "STARTTLS"] = "SSL",
    smtp_port: int | None = None,
    smtp_user: str | None = None,
    name: str | None = None,
    webserver_base_url: str | None = None,
    monitored_jobs: Sequence[Any] | None = None,
    job_selection: Sequence[Any] | None = None,
    monitor_all_code_locations: bool = False,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    monitor_all_repositories: bool = False,
) -> RunFailureSensorDefinition:
    """A run failure sensor that sends a mail over an encrypted connection.

    Args:
        email_from: the sender's address.
        email_password: of the mail account.
        email_to: the addresses of those who get it.
        email_body_fn: gives the HTML of the mail.
        email_subject_fn: gives its subject.
        smtp_host: the mail server.
        smtp_type: `SSL` from the start, or `STARTTLS` on a plain connection.
        smtp_port: 465 for SSL and 587 for STARTTLS, where not given.
        smtp_user: of the mail account; the sender's address where not given.
        name: of the sensor; `email_on_run_failure` where not given.
        webserver_base_url: where the web interface is; the mail then links to the run.
        monitored_jobs, monitor_all_code_locations, default_status: as of `run_failure_sensor`.
        job_selection, monitor_all_repositories: old names of these.

    Raises:
        InvalidDefinitionError: a `smtp_type` that is neither.
    """
    if smtp_type not in _PORTS:
        raise InvalidDefinitionError(
            f"smtp_type must be `SSL` or `STARTTLS`, not {smtp_type!r}.", code="invalid-argument"
        )
    recipients = [email_to] if isinstance(email_to, str) else list(email_to)

    @run_failure_sensor(
        name=name or "email_on_run_failure",
        description="Sends a mail when a run fails.",
        monitored_jobs=renamed("job_selection", job_selection, "monitored_jobs", monitored_jobs),
        monitor_all_code_locations=renamed(
            "monitor_all_repositories",
            monitor_all_repositories or None,
            "monitor_all_code_locations",
            monitor_all_code_locations or None,
        ),
        default_status=default_status,
    )
    def email_on_run_failure(context: RunFailureSensorContext) -> None:
        body = email_body_fn(context)
        if webserver_base_url:
            link = f"{webserver_base_url.rstrip('/')}/runs/{context.dagster_run.run_id}"
            body += f'<br><a href="{escape(link, quote=True)}">View the run</a>'
        message = EmailMessage()
        message["From"] = email_from
        message["To"] = ", ".join(recipients)
        message["Subject"] = " ".join(email_subject_fn(context).split())
        message.set_content("This mail is in HTML.")
        message.add_alternative(body, subtype="html")
        _send(message, recipients)

    def _send(message: EmailMessage, recipients: list[str]) -> None:
        security = ssl.create_default_context()
        port = smtp_port or _PORTS[smtp_type]
        server: smtplib.SMTP
        if smtp_type == "SSL":
            server = smtplib.SMTP_SSL(smtp_host, port, context=security, timeout=_TIMEOUT_SECONDS)
        else:
            server = smtplib.SMTP(smtp_host, port, timeout=_TIMEOUT_SECONDS)
        with server:
            if smtp_type == "STARTTLS":
                server.starttls(context=security)
            server.login(smtp_user or email_from, email_password)
            server.send_message(message, from_addr=email_from, to_addrs=recipients)

    return email_on_run_failure
