# Recorded use

conflict-voided = This segment is void already

use-title = Recorded use
use-lead = { $days }: { $total ->
    [1] one record
   *[other] { $total } records
 }. { $missing ->
    [0] No booking lacks its use.
    [1] One booking lacks its use.
   *[other] { $missing } bookings lack their use.
 }
use-missing = Without recorded use
use-missing-note = Over; without a record only an agreed amount with a reason can be billed
use-record-this = Record
use-records = Records
use-records-note = A wrong record is voided and entered anew, never edited
use-all-instruments = All instruments
use-instrument = Instrument
use-none = No records in this time
use-none-text = Choose another instrument or time, or record use beside.
use-time = Time
use-for = For
use-phase = Phase
use-source = Source
use-length = Length
use-void = Void
use-automatic = Reported by the instrument
use-internal = Internal
use-record = Record use
use-record-button = Record use
use-ends-hint = At most 31 days a record
use-booking = Booking
use-booking-hint = Such as YQ-7K3M9Q; of this instrument
use-organisation = Organisation
use-organisation-hint = Unified social credit code; empty is internal use
use-purpose-default = The booking’s, else research
use-samples = Samples
use-many = Many at once
use-many-text = An instrument’s program calls the API with its own token, at most 10,000 records at once; tables are read by the platform’s operations with yiqi import usage. The header is:
use-many-replay = Sending the same record again does no harm; the same key with other content is refused.
use-segment = One record of use
use-facts = What was recorded
use-received = Received
use-key = Key
use-void-title = Void this record
use-void-button = Void the record
use-void-lead = It will count no hours, and its days are computed again. Its key stays used; enter the right record anew.
done-use-recorded = The use is recorded.
done-use-voided = The record is void; its days will be computed again.

phase-startup = Startup
phase-run = Run
phase-postprocess = Postprocess
phase-maintenance = Maintenance
phase-training = Training
phase-fault = Fault
source-meter = Meter
source-card = Card
source-qr = QR code
source-agent = Agent
source-staff = Staff
source-import = Import
