"""A mail server for as many mails as its argument says (one without): prints its port, then, line by line, what a mail program and a calendar
read in those mails, sorted by recipient."""

import email.policy
import sys
import threading

import icalendar
from aiosmtpd.controller import Controller

wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1
done = threading.Event()


class Inbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if len(self.mails) == wanted:
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
    raise SystemExit(f"{len(inbox.mails)} of {wanted} mails came")


def tell(part):
    print(part.get_content_type(), part.get_filename() or "", part.get_param("method") or "")
    if part.get_content_type() != "text/calendar":
        print(part.get_content().strip())
        return
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    for event in calendar.walk("VEVENT"):
        for name in ("UID", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION"):
            if name in event:
                print(f"  {name}: {event.decoded(name)!s}" if name.startswith("DT") else f"  {name}: {str(event[name])!r}")
        print(f"  {calendar['METHOD']} {event['STATUS']} SEQUENCE {event['SEQUENCE']}")
        print(f"  ORGANIZER: {event['ORGANIZER']} {event['ORGANIZER'].params['CN']}")
        print(f"  ATTENDEE: {event['ATTENDEE']} {event['ATTENDEE'].params['CN']}")


for mail in sorted(inbox.mails, key=lambda mail: (str(mail["To"]), str(mail["Subject"]))):
    for header in ("From", "To", "Subject", "Message-ID", "Auto-Submitted"):
        print(f"{header}: {mail[header]}")
    for part in mail.walk():
        if part.is_multipart():
            print(part.get_content_type())
        else:
            tell(part)
