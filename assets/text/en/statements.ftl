# Statements

statements-title = Statements
statements-lead = { $waiting ->
    [0] No statement waits for you
    [1] One statement waits to be issued
   *[other] { $waiting } statements wait to be issued
 }{ $disputed ->
    [0] .
    [1] ; one is disputed.
   *[other] ; { $disputed } are disputed.
 }
statements-waiting = To be issued
statements-waiting-note = From recorded use at the quoted price; confirmed after 10 days without a dispute
statements-none = Nothing to be issued
statements-none-text = Bookings that were used appear here once they are over.
statements-used = Used { $used }, quoted { $quote }
statements-unused = No recorded use, quoted { $quote }
statements-issue = Issue
statements-look = Look…
statements-disputed = Disputed
statements-disputed-note = Issuing it anew starts the 10 days again
statements-said = They say:{" "}
statements-again = Issue anew
statements-issued = Waiting for the customer
statements-issued-note = Confirmed by itself when nobody disputes it in time
statements-customer = Customer
statements-due = Confirmed by itself
statements-amount = Amount (¥)
statements-settled = Settled
statements-settled-none = No booking is settled yet
statements-settled-at = Settled at
statements-one = Statement
statements-use = Recorded use
statements-use-note = A second counts once
statements-no-use = No recorded use
statements-no-use-text = Record the use, or enter an amount with a reason.
statements-quote = Quote
statements-hourly = { $price } an hour
statements-computed = Due by use
statements-computed-note = { $used } × { $price } an hour
statements-versions = Statements so far
statements-version = Version { $version }
statements-issue-title = Issue the statement
statements-issue-amount = Issue the statement (by use { $amount })
statements-issue-lead = The customer is told, and 10 days without a dispute confirm it. The voucher follows the actual amount.
statements-held = This booking holds { $held } of vouchers.
statements-actual-hint = Empty: computed from recorded use
statements-reason-hint = Needed where the amount differs; the customer reads it
statements-reason-needed = Nothing is recorded: say what the amount rests on; the customer reads it
statements-is-disputed = Disputed
statements-is-confirmed = Confirmed
done-statement-issued = The statement is issued.

charge-use = Machine time
charge-adjustment = Adjustment
