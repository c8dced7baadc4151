# Running the platform, audit

job-notices = Deliver notices
job-due = What has come due
job-openness-rollup = Roll up use
job-voucher-lapse = Lapse vouchers
job-audit = Prove the books, seal the audit

state-notice-waiting = Waiting
state-notice-retrying = To be retried
state-notice-failed = Given up
state-notice-delivered = Delivered

done-job-passed = The job has run.
done-job-started = The job is running and takes a while; look again later.
done-notice-again = Queued again; it will be tried soon.

ops-jobs-title = Jobs
ops-jobs-lead = What failed comes first. A missed run is caught up once, for the latest instant.
ops-job = Job
ops-last = Last run
ops-next = Next run
ops-outcome = Outcome
ops-report = Counts
ops-never = Has not run yet
ops-by-hand = by hand
ops-runs = Latest runs
ops-instant = For
ops-begun = begun
ops-node = Node
ops-length = Took
ops-run-title = Run by hand
ops-run-button = Run
ops-run-lead = Jobs may be repeated: nothing is booked or sent twice.
ops-run-at = As of
ops-run-at-hint = Now when left empty; may be an instant that was run before
ops-given-up = { $count ->
    [1] One notice was given up
   *[other] { $count } notices were given up
}
ops-given-up-look = See why, mend it, and try again

ops-outbox-title = Outbox
ops-outbox-lead = What became of each notice. Neither what it says nor to whom it goes is shown here.
ops-outbox-empty = There are no such notices
ops-all = All
ops-event = Event
ops-object = Object
ops-queued = Queued
ops-tries = Tries
ops-error = Last error
ops-again = Try again
ops-again-at = again at

ops-health-title = Health
ops-health-lead = For machines:
ops-version = Version
ops-engine = Database
ops-clock = Clock
ops-mails-waiting = Notices waiting
ops-mails-retrying = Notices to be retried
ops-mails-given-up = Notices given up
ops-oldest = , the oldest since { $at }
ops-touched-days = Days of use to be rolled up
ops-unsealed = Audit records to be sealed
ops-seal = Last seal
ops-seal-is = number { $number }, { $records } records,
ops-no-seal = Nothing has been sealed yet

ops-seals-to = Seals are mailed to
ops-seal-sent = , last { $at }
ops-seal-not-sent = , not sent yet
ops-seals-to-nobody = nobody: set YIQI_SEALS_TO to a mailbox that whoever runs the platform cannot reach
audit-title = Audit records
audit-sealed = The last seal is number { $number }:
audit-object = Object
audit-object-hint = An id, or the code of a booking or claim
audit-person = Person
audit-action = Action
audit-action-hint = Such as claim.approve; its beginning will do
audit-from = From
audit-to = To
audit-when = When
audit-facts = Facts
audit-seal = Seal
audit-empty = No such records

ops-count = { $count } { $what }
ops-comma = ,{" "}
ops-nothing = nothing to do
count-delivered = delivered
count-to_retry = to be retried
count-given_up = given up
count-confirmed = confirmed
count-ended = ended
count-expired = expired
count-failed = failed
count-no_shows = no-shows
count-available_fen = lapsed of what was available
count-held_fen = lapsed of what was held
count-notices = reminders
count-purses = purses
count-instruments = instruments
count-days = days
count-differences = differences
count-old_keys = old keys removed
count-old_runs = old runs removed
count-sealed = records sealed
ops-no-calendar = There is no calendar for { $year }
ops-no-calendar-text = A year without rows goes by the weekday, holidays too. Import the published holidays with yiqi import calendar.
