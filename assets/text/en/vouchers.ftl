# Vouchers: grant, hold, claim, ledger

part-redeemed = Redeemed
part-claimed = Claimed
part-held = Held
part-available = Available
part-lapsed = Lapsed
part-returned = Returned

flag-no_automatic_evidence = No record by the instrument itself
flag-over_quote = The actual fee of { $actual_fen } is above 150 % of the quote of { $quote_fen }
