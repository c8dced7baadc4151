# Bookings: request, answer, use, statement

bookings-title = Bookings
bookings-to-confirm = { $count ->
    [1] One statement waits for you.
   *[other] { $count } statements wait for you.
 }{" "}
bookings-waiting-count = { $count ->
    [1] One request waits for an answer.
   *[other] { $count } requests wait for an answer.
 }
bookings-nothing-waits = Nothing waits.
bookings-find = Find instruments
bookings-filter = Filter bookings
bookings-state = State
bookings-any-state = Any state
bookings-from = From
bookings-to = To
bookings-found = Found
bookings-found-empty = No booking matches
bookings-upcoming = Coming up
bookings-upcoming-empty = Nothing is coming up
bookings-waiting = Waiting for an answer
bookings-waiting-empty = No request is waiting
bookings-past = Past bookings
bookings-past-empty = No past bookings yet
bookings-all = All { $count }
bookings-when = Time
bookings-what = Instrument
bookings-fee = Fee (¥)
bookings-voucher = Voucher held (¥)
bookings-answer-by = Answer by
bookings-confirm-by = Confirm by

booking-title = Booking { $code }
booking-progress = Progress
booking-by-clock = The system
booking-automatic = automatic
booking-not-yet = not yet
booking-step-asked = Requested
booking-step-agreed = Confirmed
booking-step-used = Used
booking-step-billed = Statement
booking-step-settled = Settled
booking-statement = Statement
booking-statement-version = Version { $version }
booking-statement-confirmed = Confirmed
booking-item = Item
booking-booked = Booked
booking-used = Used
booking-unit-price = Price (¥/h)
booking-amount = Amount (¥)
booking-union = Union of startup, run and postprocess records
booking-actual = Actual fee
booking-reason = “{ $reason }”
booking-disputed = The enterprise disputes this statement
booking-use = Recorded use
booking-use-total = { $length } in all
booking-lanes = Booked and used
booking-lane-booked = Booked
booking-lane-used = Used
booking-log = History
booking-log-note = Who, when, why
booking-next = What comes next
booking-money = The money
booking-quoted = Quote
booking-quoted-was = Quoted { $fee }
booking-fee-how = { $price }/h × { $length }
booking-voucher = Voucher
booking-voucher-held = Held; to be claimed once settled
booking-voucher-how = { $rate }, whole yuan; { $available } available
booking-you-bear = You bear
booking-they-bear = The enterprise bears
booking-pay-first = You first pay { $fee } in full to { $institution }; once settled you claim the voucher, and the bureau pays you its part.
booking-paid-to-you = { $customer } pays you { $fee } in full; the bureau pays the voucher’s part to the enterprise.
booking-cancel-fee = Cancellation fee
booking-cancel-fee-text = Cancelled shortly before the start; invoiced by the institution, never paid by voucher.
booking-nothing-to-pay = Nothing to pay; the voucher has been given back.
booking-rule = Cancelling and coming
booking-rule-free = Cancelling is free until the start.
booking-rule-late = Cancelling is free until { $until }; after that it costs { $fee }.
booking-rule-no-show = Not checked in { $length } after the start counts as a no-show: the time is freed, the voucher given back.
booking-late-fee = Cancelling now costs { $fee }.
booking-booker = Placed by
booking-institution = Institution
booking-confidential = Yes: within the institution only its managers see the purpose
booking-is-confidential = Confidential
booking-checked-in = Checked in and out
booking-again = Book again
booking-to-claim = Claim the voucher

booking-next-requested = The institution answers by { $answer_at }; otherwise the request expires, and time and voucher are given back.
booking-next-requested-lab = Please answer by { $answer_at }; otherwise the request expires and its time is freed.
booking-next-confirmed = You can check in from { $check_in_at }; not checked in by { $until_at } counts as a no-show.
booking-next-confirmed-lab = Check-in opens { $check_in_at }; not checked in by { $until_at } counts as a no-show.
booking-next-in_use = Please check out when you are done; an hour after the end the system does it.
booking-next-in_use-lab = Please check out when it is done; if the system ends it, the use must still be recorded.
booking-next-completed = The institution will issue a statement for you to confirm.
booking-next-completed-lab = Please issue the statement.
booking-next-billed = Please check the statement; undisputed until { $until_at } it counts as confirmed.
booking-next-billed-lab = The enterprise is to confirm; undisputed until { $until_at } it counts as confirmed.
booking-next-disputed = Your dispute has arrived; a new statement will follow.
booking-next-disputed-lab = The enterprise disputes the statement; please check it and issue it again.
booking-next-settled = Settled. Once you have paid and have the invoice, you can claim the voucher.
booking-next-settled-lab = Settled; you can issue the invoice.
booking-next-declined = The institution did not accept this request.
booking-next-declined-lab = This request was declined.
booking-next-expired = The institution did not answer in time and the request has expired; you can ask for another time.
booking-next-expired-lab = It was not answered in time and has expired.
booking-next-cancelled = This booking was cancelled.
booking-next-cancelled-lab = This booking was cancelled.
booking-next-no_show = Nobody checked in, so it counts as a no-show. If you did use it, ask the institution to correct it by { $until_at }.
booking-next-no_show-lab = Nobody checked in, so it counts as a no-show. If it was used, undo it by { $until_at } or record the use.

event-book = asked for this time.
event-book-confirmed = booked; confirmed automatically.
event-approve = approved.
event-decline = declined.
event-expire = let the request expire unanswered.
event-cancel = cancelled.
event-check_in = checked in.
event-no_show = recorded a no-show: nobody had checked in.
event-undo_no_show = undid the no-show; it counts as used.
event-record_use = received a record of use; it counts as used.
event-check_out = checked out.
event-end_use = ended the use by time.
event-statement = issued the statement.
event-dispute = disputed the statement.
event-confirm = confirmed the statement.
event-confirm_by_time = took the statement as confirmed after ten days without dispute.

deed-approve-button = Approve
deed-decline-button = Decline
deed-decline-title = Decline this request
deed-decline-text = Time and voucher are given back. The enterprise reads the reason.
deed-decline-reason = Reason
deed-cancel-button = Cancel the booking
deed-cancel-title = Cancel this booking
deed-cancel-text = Time and voucher are given back. Both sides read the reason.
deed-cancel-reason = Reason
deed-check-in-button = Check in
deed-check-out-button = Check out
deed-undo-no-show-button = Undo the no-show
deed-undo-no-show-title = Undo the no-show
deed-undo-no-show-text = It counts as used, takes no time, and the voucher is held again as far as available.
deed-undo-no-show-reason = Reason
deed-statement-button = Issue the statement
deed-statement-title = Issue the statement
deed-statement-text = The enterprise is asked to confirm; undisputed for ten days it counts as confirmed.
deed-statement-computed = By recorded use of { $length } the fee is { $fee }.
deed-statement-no-use = No use is recorded: say the amount and why, or record the use first.
deed-statement-hint = Left empty, recorded use decides
deed-statement-reason = Why it differs from the record
deed-confirm-button = Confirm the statement
deed-dispute-button = Dispute
deed-dispute-title = Dispute the statement
deed-dispute-text = The institution checks and issues it again; until then it is not taken as confirmed.
deed-dispute-reason = What is wrong

done-requested = Your request was sent; the time is kept for you.
done-booked = The booking is confirmed.
done-approve = Approved; the enterprise will be told.
done-decline = Declined; the time is free again.
done-cancel = Cancelled; time and voucher are given back.
done-check-in = Checked in.
done-check-out = Checked out; the use is recorded.
done-undo-no-show = The no-show is undone.
done-statement = The statement is issued and waits for the enterprise.
done-confirm = The statement is confirmed.
done-dispute = Your dispute has reached the institution.
done-slot-made = The time is taken.
done-slot-removed = The time is free again.

booking-new = New booking
booking-new-title = Book { $instrument }
booking-new-lead = Start and end in steps of { $grid }; at least { $notice } ahead.
booking-from = Start
booking-until = End
booking-clock-hint = such as 9:00
booking-until-hint = such as 11:30, at most 24:00
booking-no-price = no valid price
booking-per-hour = { $price }/h
booking-confidential-ask = Confidential
booking-confidential-hint = Within the institution only its managers see purpose and note
booking-request = Request this time
booking-book = Book
booking-ask-price = See the price first
booking-pay-how = You first pay the institution in full; once settled you claim the voucher, and the bureau pays you its part.
booking-refused = { $count ->
    [1] This time cannot be booked, for one reason
   *[other] This time cannot be booked, for { $count } reasons
 }
booking-you-wanted = You wanted { $span }
booking-change-to = Change to { $span }
booking-alternatives = Nearest free times of { $length }
mode-self-hint = you run it yourself
mode-operator-hint = the institution’s staff run it; be there or follow remotely

lab-today-lead = { $busy } of { $count } instruments are in use today.{" "}
lab-today-waiting = { $count ->
    [1] One request waits for you
   *[other] { $count } requests wait for you
 }
lab-today-urgent = , the most urgent with { $left } left.
lab-today-instruments = Instruments today
lab-waiting = Waiting for you
lab-waiting-note = Unanswered in time, a request expires and its time is freed
lab-all-requests = All { $count } requests
lab-requests-title = Requests
lab-requests-lead = The most urgent first. Approving keeps time and voucher; declining needs a reason.{" "}
lab-requests-empty = No request is waiting
lab-requests-empty-text = New ones appear here, and managers get a mail.
lab-keys = j and k move, Enter opens.
lab-comma = ,{" "}
lab-stop = .{" "}
lab-record = Booking no. { $count }, { $missed ->
    [0] never missed
    [1] missed once
   *[other] missed { $missed } times
 }
lab-left = Left:
lab-waits = waiting
lab-checked-in = in at { $at }
lab-not-there = not checked in
lab-legend-other = Internal or over
lab-legend-broken = Fault or no-show
lab-nothing-today = Nothing is on today
lab-free-today = { $count } more are free today.
lab-record-use = Record use
lab-to-bill = Statements to issue
lab-all-statements = All statements
lab-nothing-to-bill = No statement is due.
lab-without-use = Use not recorded
lab-without-use-note = Over, without a record
lab-nothing-missing = Every use is recorded.
lab-down = Out of service now
lab-nothing-down = Nothing is out of service.
lab-slots-title = Blocked time
lab-slots-lead = Time taken by maintenance, faults, closures and internal use; booked time cannot be taken.
lab-slots-make = Block time
lab-slots-kind = For
lab-slots-coming = From today on
lab-slots-empty = No time is blocked
lab-slots-empty-text = Once blocked, the time shows as taken to everybody outside.
lab-slots-remove = Give back
lab-slots-no-instrument = There is no instrument yet.
slot-kind-booking = Booking
slot-kind-maintenance = Maintenance
slot-kind-fault = Fault
slot-kind-closure = Closure
slot-kind-internal = Internal use
slot-kind-imported = External calendar
