# Vouchers: grant, hold, claim, ledger

part-redeemed = Redeemed
part-claimed = Claimed
part-held = Held
part-available = Available
part-lapsed = Lapsed
part-returned = Returned

flag-no_automatic_evidence = No record by the instrument itself
flag-over_quote = The actual fee of { $actual_fen } is above 150 % of the quote of { $quote_fen }

why-use_is_over = the last day of use of that year has passed
why-below_granted = Must cover what is granted already, { $granted_fen }
why-below_redeemed = Must not be below what is redeemed already, { $redeemed_fen }
why-above_available = Above what is available; at most { $most_fen }
conflict-not_in_force = The programme is not in force yet
why-empty = The file is empty
why-file_too_large = A file may have 20 MB at most
why-file_type = Only PDF, JPEG, PNG or XLSX, told by content
conflict-in_live_claim = A booking stands in another live claim
