"""`make_email_on_run_failure_sensor` against a mail server that really speaks SMTP over TLS."""

import shutil
import socketserver
import ssl
import subprocess
import threading

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError


@dg.asset
def bad():
    raise ValueError("a < b")


job = dg.define_asset_job("nightly", selection=[bad])
defs = dg.Definitions(assets=[bad], jobs=[job])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    command = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    command += ["-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return folder


class Conversation(socketserver.StreamRequestHandler):
    """As much of a mail server as a client that logs in and sends needs."""

    def handle(self):
        server = self.server
        if server.tls_from_start:
            self.secure()
        self.say("220 localhost ready")
        while line := self.rfile.readline().decode().strip():
            server.heard.append(line)
            word = line.split()[0].upper()
            if word == "EHLO":
                self.say("250-localhost", "250-STARTTLS", "250 AUTH PLAIN")
            elif word == "STARTTLS":
                self.say("220 go ahead")
                self.secure()
            elif word == "AUTH":
                self.say("235 welcome")
            elif word == "DATA":
                self.say("354 go ahead")
                lines = []
                while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    lines.append(text)
                server.mails.append("\n".join(lines))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def say(self, *lines):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def secure(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.folder / "cert.pem", self.server.folder / "key.pem")
        self.request = context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)

    def finish(self):
        self.request.close()


@pytest.fixture(params=["SSL", "STARTTLS"])
def mail_server(request, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    with socketserver.TCPServer(("localhost", 0), Conversation) as server:
        server.kind, server.folder = request.param, certificate
        server.tls_from_start, server.heard, server.mails = request.param == "SSL", [], []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def evaluate(sensor, **arguments):
    with dg.Instance.ephemeral() as instance:
        failed = defs.get_job_def("nightly").execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_sensor_context(instance, '{"record_id": 0}', definitions=defs)
        return failed.run_id, sensor.evaluate_tick(context)


def test_a_failed_run_sends_one_mail(mail_server):
    sensor = dg.make_email_on_run_failure_sensor(
        "from@example.com",
        "secret",
        ["one@example.com", "two@example.com"],
        smtp_host="localhost",
        smtp_port=mail_server.server_address[1],
        smtp_type=mail_server.kind,
        webserver_base_url="http://ui.example.com/",
    )
    assert sensor.name == "email_on_run_failure"
    run_id, result = evaluate(sensor)
    (reaction,) = result.dagster_run_reactions
    assert reaction.error is None, reaction.error
    (mail,) = mail_server.mails
    assert "Subject: Run failed: nightly" in mail
    assert "To: one@example.com, two@example.com" in mail
    assert f"http://ui.example.com/runs/{run_id}" in mail.replace("=\n", "")
    assert sum(line.upper().startswith("RCPT") for line in mail_server.heard) == 2
    assert not any("secret" in line for line in mail_server.heard)


def test_subject_and_body_may_be_ones_own(mail_server):
    sensor = dg.make_email_on_run_failure_sensor(
        "from@example.com",
        "secret",
        ["one@example.com"],
        email_body_fn=lambda context: f"<p>{context.dagster_run.job_name}</p>",
        email_subject_fn=lambda context: "Line one\nBcc: all@example.com",
        smtp_host="localhost",
        smtp_port=mail_server.server_address[1],
        smtp_type=mail_server.kind,
        smtp_user="user",
        name="mine",
    )
    _, result = evaluate(sensor)
    assert result.dagster_run_reactions[0].error is None
    (mail,) = mail_server.mails
    assert "<p>nightly</p>" in mail
    assert "Subject: Line one Bcc: all@example.com" in mail


def test_a_server_that_is_down_is_told_with_the_run():
    sensor = dg.make_email_on_run_failure_sensor(
        "from@example.com", "secret", ["one@example.com"], smtp_host="localhost", smtp_port=1
    )
    _, result = evaluate(sensor)
    assert "refused" in result.dagster_run_reactions[0].error.message


def test_only_encrypted_connections():
    with pytest.raises(InvalidDefinitionError, match="SSL"):
        dg.make_email_on_run_failure_sensor("a@b.c", "p", ["x@y.z"], smtp_type="PLAIN")
