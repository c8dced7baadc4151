# The shell of a page: header, navigation, footer, signing in, and buttons and parts that all pages share

shell-site = Instruments, shared
shell-site-of = { $city } instruments, shared
shell-skip = Skip to content
shell-nav = Main navigation
shell-trail = You are here
shell-waiting = { $count } waiting
shell-sign-in = Sign in
shell-sign-out = Sign out
shell-switch = Switch role
shell-host = Run by { $bureau }
shell-time-zone = All times are Beijing time (UTC+8)
shell-api = Open data and API

nav-catalogue = Find instruments
nav-bookings = Bookings
nav-vouchers = Vouchers
nav-lab-today = Today
nav-lab-instruments = Instruments
nav-lab-requests = Requests
nav-lab-use = Use
nav-lab-statements = Statements
nav-lab-openness = Openness
nav-bureau-waiting = Waiting
nav-bureau-claims = Claims
nav-bureau-vouchers = Vouchers
nav-bureau-parties = Parties
nav-bureau-openness = Openness
nav-bureau-audit = Audit
nav-ops-jobs = Jobs
nav-ops-outbox = Outbox
nav-ops-health = Health

login-title = Sign in
login-email = Mail address
login-password = Password
login-button = Sign in
login-no-account = No account yet?
login-no-account-text = You can search instruments and see prices and free times without one.
login-register = register with their unified social credit code
login-register-before = Enterprises and institutions{" "}
login-register-after = ; the bureau approves.
login-wrong = The mail address or the password is wrong.
login-locked = Too many wrong passwords; try again in { $minutes } minutes.
login-ended = Your session has ended; sign in again.
switch-title = Switch role
switch-lead = You act for one organisation in one role at a time; the header says which.
switch-current = your role now
switch-button = Switch

role-admin = administrator
role-manager = instrument manager
role-operator = operator
role-finance = finance
role-booker = booker
role-officer = officer
role-reviewer = reviewer
role-auditor = auditor
role-ops = operations
side-institution = institution
side-enterprise = enterprise
side-bureau = bureau
side-platform = platform

action-search = Search
action-back = Back
action-keep = Keep it
action-filter = Apply filters
action-clear-filters = Clear filters

form-optional = {" "}(optional)
form-file-hint = PDF, JPEG, PNG or XLSX, 20 MB each at most
form-yuan = yuan
form-hours = h
form-choose = Choose
form-colon = :{" "}

pager-label = Pages
pager-range = { $from }–{ $to } of { $total }
pager-previous = Previous page
pager-next = Next page
pager-page = Page { $page }

week-number = week { $week }
week-previous = ← Earlier
week-next = Later →
week-free = { $length } free
week-now = now { $time }
week-zone = Beijing time (UTC+8). Others’ bookings show only as occupied, never who or why.
slot-free = Free
slot-pick = Your choice
slot-mine = My booking
slot-taken = Occupied
slot-gap = Buffer
slot-soon = Too short notice
slot-closed = Closed
slot-care = Maintenance
slot-broken = Fault
slot-wait = Waiting
slot-run = In use
slot-booked = Confirmed
legend-free = Free, to choose
legend-pick = Your choice

heat-weekday = Weekday
done-signed-out = You have signed out.
done-switched = You now act in another role.
