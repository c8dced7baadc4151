# Names of fields: field-NAME, for labels, for the summary of errors and for messages of the API

field-email = Mail address
field-password = Password
field-name = Name
field-organisation = Organisation
field-uscc = Unified social credit code
field-region = Region
field-reason = Reason
field-note = Note
field-purpose = Purpose in words
field-purpose_kind = Purpose
field-mode = Way to use
field-voucher = Voucher
field-on = Date
field-from = From
field-to = To
field-starts_at = Start
field-ends_at = End
field-confidential = Confidential
field-amount_fen = Amount
field-actual_fen = Actual fee
field-year = Year
field-sme_number = SME registration
field-file = File

field-booking_ids = Bookings
field-contract = Contract
field-proofs = Payment proof and result report
field-invoice_number = Invoice number
field-invoice_code = Invoice code
field-invoice_fen = Invoice amount
field-invoice_on = Invoice date
field-paid_fen = Amount paid
field-paid_on = Payment date
field-seller_uscc = Seller (USCC)
field-state = State
