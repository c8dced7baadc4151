# Vouchers: grant, hold, claim, ledger
