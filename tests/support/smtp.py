"""A mail server for one mail: prints its port, then, line by line, what a mail program and a calendar read in that mail."""

import email.policy
import threading

import icalendar
from aiosmtpd.controller import Controller

done = threading.Event()


class Inbox:
    def __init__(self):
        self.mail = None

    async def handle_DATA(self, server, session, envelope):
        self.mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        done.set()
        return "250 kept"


class AnyPort(Controller):
    def _trigger_server(self):
        # The port is known only once the server listens.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


inbox = Inbox()
controller = AnyPort(inbox, hostname="127.0.0.1", port=0)
controller.start()
print(controller.port, flush=True)
arrived = done.wait(30)
controller.stop()
if not arrived:
    raise SystemExit("no mail came")

for header in ("From", "To", "Subject", "Message-ID", "Auto-Submitted"):
    print(f"{header}: {inbox.mail[header]}")
for part in inbox.mail.walk():
    if part.is_multipart():
        print(part.get_content_type())
        continue
    print(part.get_content_type(), part.get_filename() or "", part.get_param("method") or "")
    if part.get_content_type() != "text/calendar":
        print(part.get_content().strip())
        continue
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    for event in calendar.walk("VEVENT"):
        for name in ("UID", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION"):
            print(f"  {name}: {event.decoded(name)!s}" if name.startswith("DT") else f"  {name}: {str(event[name])!r}")
        print(f"  ORGANIZER: {event['ORGANIZER']} {event['ORGANIZER'].params['CN']}")
