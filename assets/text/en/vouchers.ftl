# Vouchers: grant, hold, claim, ledger

part-redeemed = Redeemed
part-claimed = Claimed
part-held = Held
part-available = Available
part-lapsed = Lapsed
part-returned = Returned
