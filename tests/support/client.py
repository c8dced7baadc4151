"""Books and claims with a client that was generated from the description of the API: `client.py FACTS`, where FACTS is JSON with the
address, the tokens, the instrument, the seller and the start. The generated package is called `made` and is found on PYTHONPATH."""

import datetime
import io
import json
import sys

from made import AuthenticatedClient
from made.api.bookings import bookings_check_in, bookings_check_out, bookings_place, bookings_read, quotes_ask
from made.api.claims import claims_approve, claims_file, claims_one, files_add
from made.api.statements import bookings_confirm_post_confirm as confirm, bookings_statement_post_statement as state
from made.api.vouchers import vouchers_one
from made.models import ApproveBody, BookingBody, ClaimBody, ConfirmBody, FileForm, Mode, PurposeKind, QuoteBody, StatementBody, VersionBody, VoucherChoice
from made.models import BookingState, BookingView, ClaimState, ClaimView, FileView, QuoteView, VoucherView
from made.types import File

facts = json.loads(sys.argv[1])


def caller(name):
    return AuthenticatedClient(base_url=facts["url"], token=facts[name], raise_on_unexpected_status=True)


booker, manager, officer = caller("booker"), caller("manager"), caller("officer")
starts_at = datetime.datetime.fromisoformat(facts["starts_at"])
wish = {
    "instrument_id": facts["instrument"], "starts_at": starts_at, "ends_at": starts_at + datetime.timedelta(hours=1),
    "mode": Mode.SELF, "voucher": VoucherChoice.REQUIRED, "purpose_kind": PurposeKind.RESEARCH,
}


def made(kind, answer):
    """What was answered, when it is what was expected, and not a problem."""
    if not isinstance(answer, kind):
        raise SystemExit(f"{kind.__name__} was expected, {answer} came")
    return answer


quote = made(QuoteView, quotes_ask.sync(client=booker, body=QuoteBody(**wish)))
booking = made(BookingView, bookings_place.sync(client=booker, body=BookingBody(purpose="断口观察", **wish), idempotency_key="one"))
again = made(BookingView, bookings_place.sync(client=booker, body=BookingBody(purpose="断口观察", **wish), idempotency_key="one"))
assert (again.id, booking.held_fen, booking.fee_fen) == (booking.id, quote.voucher_fen, quote.fee_fen)
for act in (bookings_check_in, bookings_check_out):
    booking = made(BookingView, act.sync(booking.id, client=booker, body=VersionBody()))
made(BookingView, state.sync(booking.id, client=manager, body=StatementBody(actual_fen=booking.fee_fen, reason="按约定")))
booking = made(BookingView, confirm.sync(booking.id, client=booker, body=ConfirmBody()))
assert booking.state == BookingState.SETTLED, booking
paper = File(payload=io.BytesIO(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), file_name="合同.pdf", mime_type="application/pdf")
file = made(FileView, files_add.sync(client=booker, body=FileForm(file=paper)))
today = starts_at.date()
body = ClaimBody(
    booking_ids=[booking.id], contract_file_id=file.id, file_ids=[file.id], invoice_number="24372000000012345678", seller_uscc=facts["seller"],
    invoice_fen=booking.fee_fen, invoice_on=today, paid_fen=booking.fee_fen, paid_on=today,
)
claim = made(ClaimView, claims_file.sync(client=booker, body=body))
claim = made(ClaimView, claims_approve.sync(claim.id, client=officer, body=ApproveBody()))
claim = made(ClaimView, claims_one.sync(claim.id, client=booker))
history = bookings_read.sync(booking.id, client=booker).history
voucher = made(VoucherView, vouchers_one.sync(client=booker, year=starts_at.year))
assert claim.state == ClaimState.APPROVED and voucher.redeemed_fen == claim.amount_fen == quote.voucher_fen, (claim, voucher)
print(f"booked, settled in {len(history)} steps, claimed and redeemed {claim.amount_fen} fen")
