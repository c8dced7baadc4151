# Errors: the result first, then the way out. problem-CODE: title, what happened (-detail), what to do (-remedy, pages only).

problem-bad_request = The request cannot be read
problem-bad_request-detail = It is incomplete or malformed. Nothing was changed.
problem-bad_request-remedy = Go back and send it again; programs, see the API description.
problem-unauthorized = Sign in first
problem-unauthorized-detail = You are not signed in, or your session has ended.
problem-unauthorized-remedy = You will come back to this page after signing in.
problem-forbidden = Your role cannot do this
problem-forbidden-detail = The organisation and role you act for have no right to it.
problem-forbidden-remedy = If you have another role, switch to it in the header; otherwise ask your administrator.
problem-not_found = There is no such page
problem-not_found-detail = The address is wrong, or what it names is not open to you.
problem-not_found-remedy = Search for an instrument on the front page, or use the navigation above.
problem-method_not_allowed = This address does not take that method
problem-method_not_allowed-detail = The address exists, but not for this kind of request.
problem-method_not_allowed-remedy = Use the buttons of the page; programs, see Allow in the answer.
problem-slot_taken = This time is taken
problem-slot_taken-detail = It overlaps what is already booked. Your request had no effect.
problem-slot_taken-remedy = Choose another free time; what you typed is kept.
problem-state_conflict = Things have changed
problem-state_conflict-detail = Somebody else or the system has changed this in the meantime. Your act had no effect.
problem-state_conflict-remedy = Look at the present state, then decide again.
problem-duplicate_invoice = This invoice has been used
problem-duplicate_invoice-detail = It stands in other claims, or the amounts paid in all claims exceed the invoice.
problem-duplicate_invoice-remedy = Check the invoice number and the amount paid; if it is the same invoice, withdraw the earlier claim first.
problem-idempotency_mismatch = This idempotency key was used for something else
problem-idempotency_mismatch-detail = The same Idempotency-Key came with another body before.
problem-idempotency_mismatch-remedy = Use a new key for new content.
problem-payload_too_large = Too large
problem-payload_too_large-detail = What was sent exceeds the limit. Nothing was stored.
problem-payload_too_large-remedy = A file may have 20 MB at most; compress or split it.
problem-unsupported_media_type = This type of content is not supported
problem-unsupported_media_type-detail = The address takes only the types named in the API description.
problem-unsupported_media_type-remedy = Use application/json for the API; PDF, JPEG, PNG or XLSX for files.
problem-refused = Not accepted, nothing was stored
problem-refused-detail = { $count ->
    [0] The request breaks the rules.
    [1] One rule is broken.
   *[other] { $count } rules are broken.
 }
problem-refused-remedy = Mend them and send it again; what you typed is kept.
problem-too_many_requests = Too many requests
problem-too_many_requests-detail = Too many came in a short time. This one was not dealt with.
problem-too_many_requests-remedy = Try again in a moment; what was done before stands.
problem-unavailable = Not available at the moment
problem-unavailable-detail = The database did not answer in time. This act may have had no effect.
problem-unavailable-remedy = Try again in a few seconds, after a look whether it was done.
problem-internal = Something broke
problem-internal-detail = An unexpected error stopped this act; it had no effect. Operations have been told.
problem-internal-remedy = Try again; if it fails again, give the request number below to the platform’s operations.

problem-request-id = Request
problem-home = Find instruments

errors-found = { $count ->
    [1] One thing to mend
   *[other] { $count } things to mend
 }
errors-refused-count = { $count ->
    [1] One rule is broken
   *[other] { $count } rules are broken
 }

violation-required = This is needed
violation-invalid = { $why }
violation-unknown_field = There is no such field
violation-off_grid = Start and end must fall on a grid of { $grid_minutes }; the nearest is { $near_span }
    .short = Off the grid
violation-too_short = { $min_minutes } at least; you asked for { $minutes }
    .short = Too short
violation-too_long = { $max_minutes } at most; you asked for { $minutes }
    .short = Too long
violation-short_notice = { $notice_minutes } notice at least; the earliest start is { $earliest_at }
    .short = Not enough notice
violation-beyond_horizon = Only the next { $horizon_days } days can be booked; the latest start is { $latest_at }
    .short = Too far ahead
violation-outside_opening_hours = Not wholly within opening hours
    .facts = { $closed ->
        [no] Open only { $hours } on { $day }
        [holiday] Closed on { $day }, a public holiday
       *[yes] Closed on { $day }
    }
    .short = Outside opening hours
violation-slot_taken = This time has just been taken
    .facts = { $taken_span } is taken{ $buffer ->
        [some] , with a buffer of { $buffer_minutes } on both sides
       *[none] {""}
    }
    .short = Already taken
violation-not_published = This instrument takes no new bookings now
    .short = Not open
violation-mode_not_offered = This instrument does not offer that way of use
    .short = Way of use not offered
violation-no_price = No valid price for outside users in this way of use: it can be seen, not booked
    .short = No valid price
violation-voucher_insufficient = { $available_fen } of vouchers left, { $needed_fen } needed for the full share; choose “use what there is”
    .short = Not enough vouchers
violation-voucher_ineligible = No vouchers for this booking: { $why }
    .short = Vouchers not allowed
violation-in_the_past = The start lies in the past
    .short = In the past
violation-seller_mismatch = The seller on the invoice is not the institution that served you
violation-not_settled = The booking is not settled yet; only then can it be claimed
violation-nothing_held = These bookings hold no amount to claim
violation-after_deadline = The last day of redemption has passed
    .facts = The last day of redemption, { $redeem_by }, has passed
violation-paid_above_invoice = The amount paid exceeds the invoice
    .facts = { $paid_fen } paid exceeds the invoice of { $invoice_fen }
violation-key_reused = The same key came with other content

why-out_of_range = Must be between { $least } and { $most }
why-too_many_characters = { $most } characters at most
why-control_characters = Contains control characters that cannot be stored
why-too_many = { $most } at most
why-twice = Given twice
why-no_such_category = There is no such category; six digits
why-no_time_of_day = Must be a time of day such as 8:30, 24:00 at most
why-not_after_opening = Must be later than the opening
why-before_start = Must not be before the first day
why-divides_no_day = Must divide a day evenly
why-below_minimum = Must not be below the minimum
why-beyond_horizon = The notice must not exceed the horizon
why-uscc_length = Must have 18 characters, has { $found }
why-uscc_character = Character { $position }, “{ $found }”, is wrong: no I, O, S, V, Z, and digits at 3–8
why-uscc_check = The check character “{ $found }” is wrong
why-too_long = Too long
why-too_short = Too short
why-not_positive = Must be above 0
why-not_a_number = Must be a number
why-not_an_amount = Must be an amount with at most two decimals
why-not_an_instant = Must be an instant with an offset, such as 2026-10-15T14:00:00+08:00
why-not_a_day = Must be a day, such as 2026-10-15
why-not_a_period = Must be a year, a month or a day, such as 2026, 2026-10 or 2026-10-05
why-not_a_word = Not one of the choices
why-not_a_cursor = Wrong cursor
why-not_found = There is no such thing
why-repeated = Given twice
why-reversed = The end must be after the start
why-in_the_future = Must not be later than now
why-in_the_past = Must not be earlier than now
why-overlapping = Overlap each other
why-off_grid = Off the grid
why-mixed = Must belong to one institution and one year

why-no_programme = there is no voucher programme for that year
why-purpose = the purpose is not eligible
why-related = the two parties are related
why-not_enrolled = the institution is not enrolled on that day
why-sme_expired = the enterprise’s registration is not valid on that day
why-after_use_by = it starts after the last day of use
why-barred = the enterprise is barred after a claw-back
why-not_published = the instrument is not published
why-above_cap = above the annual cap of an enterprise; at most { $most_fen }
why-above_budget = above the budget that may be granted; at most { $most_fen }

conflict-stale = It has been changed; look at the present state
conflict-state = Its present state does not allow this
conflict-not_by_hand = A booking holds this time; cancel the booking instead
conflict-live_bookings = Live bookings remain, so it cannot be retired
conflict-already_started = It has started and cannot be cancelled
conflict-too_early = It is too early for this
conflict-too_late = It is too late for this
conflict-four_eyes = One person cannot take two steps of the same claim
conflict-own_organisation = You cannot decide on your own organisation
conflict-blocked = An unresolved blocking flag stops the approval
conflict-budget = Exceeds the programme’s budget
conflict-not_used = No use has been recorded yet
conflict-no_statement = There is no statement yet
conflict-statement_disputed = The statement is disputed; a new one is needed

why-not_an_object = Must be a JSON object
why-not_a_key = Must be 1–255 printable ASCII characters
why-not_a_known_word = Not one of the choices
why-not_an_address = Must be a mail address
why-not_clean = Contains control characters that cannot be stored
why-of_another_type = Wrong type
why-unknown_party = There is no such organisation
why-no_such_side = The organisation has no side that fits the role
why-not_a_number_in_range = Must be a whole number in range
conflict-form_expired = This form is out of date; load the page again and send it once more
