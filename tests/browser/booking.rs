//! The second journey: an enterprise finds an instrument, books it with its voucher, uses it, confirms what it cost, and claims its share.

use crate::city::{City, MONDAY};
use crate::eyes::Eyes;

/// A PDF and a PNG as small as they can be.
const PDF: &[u8] =
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10,
    b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x68, 0, 0, 0, 0x82, 0, 0x81, 0xdd, 0x43, 0x6a, 0xf4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[tokio::test]
async fn an_enterprise_books_with_a_voucher_uses_and_claims() {
    let mut city = City::at(MONDAY);
    let eyes = Eyes::on(&city).await;
    eyes.signs_in(city.account("booker", 0)).await;
    let (booking, day) = book(&eyes).await;
    // The manager says yes.
    eyes.signs_in(city.account("manager", 0)).await;
    eyes.open("/lab").await;
    eyes.looks("lab").await;
    eyes.open("/lab/requests").await;
    eyes.looks("lab-requests").await;
    eyes.clicks(&format!("main form[action='{booking}/approve'] button")).await;
    // On the day, at the machine: in, and two hours later out.
    for (clock, deed) in [("08:52", "check-in"), ("10:41", "check-out")] {
        city.later(&format!("{day}T{clock}:00+08:00"));
        eyes.signs_in(city.account("booker", 0)).await;
        eyes.open(&booking).await;
        eyes.clicks(&format!("main form[action='{booking}/{deed}'] button")).await;
    }
    eyes.looks("booking-used").await;
    eyes.signs_in(city.account("manager", 0)).await;
    eyes.open("/lab/statements").await;
    eyes.looks("lab-statements").await;
    eyes.open(&booking.replace("/bookings/", "/lab/statements/")).await;
    eyes.looks("lab-statement").await;
    eyes.clicks("main section[aria-labelledby='issue'] button.primary").await;
    eyes.signs_in(city.account("booker", 0)).await;
    eyes.open("/bookings").await;
    eyes.looks("bookings").await;
    eyes.open(&booking).await;
    eyes.clicks(&format!("main form[action='{booking}/confirm'] button")).await;
    eyes.sees("已结算").await;
    eyes.looks("booking").await;
    claim(&eyes, &city, &booking, &day).await;
    eyes.close().await;
}

/// Finds an instrument, asks the price, books Tuesday of next week; gives the path of the booking and its day.
async fn book(eyes: &Eyes) -> (String, String) {
    eyes.open("/").await;
    eyes.types("q", "纳米压痕").await;
    eyes.clicks("main form[role=search] button, main form button").await;
    eyes.looks("catalogue-found").await;
    eyes.clicks("main .results h3 a").await;
    eyes.looks("instrument").await;
    let day = "2026-10-20";
    eyes.types("on", day).await;
    eyes.types("from", "09:00").await;
    eyes.types("to", "11:00").await;
    eyes.types("voucher", "up_to").await;
    eyes.types("purpose", "涂层硬度与弹性模量").await;
    eyes.sees("创新券兑付").await;
    eyes.looks("instrument-quoted").await;
    eyes.clicks("#quote button.primary").await;
    let path = eyes.path().await;
    assert!(path.starts_with("/bookings/"), "{path}:\n{}", eyes.text().await);
    eyes.looks("booking-requested").await;
    (path.split('?').next().unwrap().to_owned(), day.to_owned())
}

async fn claim(eyes: &Eyes, city: &City, booking: &str, day: &str) {
    eyes.signs_in(city.account("finance", 3)).await;
    eyes.open("/vouchers").await;
    eyes.looks("vouchers").await;
    let id = booking.rsplit('/').next().unwrap();
    eyes.open(&format!("/vouchers/claims/new?with={id}")).await;
    for (name, text) in [
        ("seller_uscc", city.uscc("manager", 0)),
        ("invoice_number", "26372000009999990001".to_owned()),
        ("invoice_fen", "545".to_owned()),
        ("paid_fen", "545".to_owned()),
    ] {
        eyes.types(name, &text).await;
    }
    eyes.types("invoice_on", day).await;
    eyes.types("paid_on", day).await;
    eyes.attaches("contract", &[city.paper("技术服务合同.pdf", PDF)]).await;
    eyes.attaches("proofs", &[city.paper("付款凭证.png", PNG), city.paper("结果报告.pdf", PDF)]).await;
    eyes.looks("claim-new").await;
    eyes.clicks("main form button.primary").await;
    let path = eyes.path().await;
    assert!(path.starts_with("/vouchers/claims/") && !path.contains("new"), "{path}:\n{}", eyes.text().await);
    eyes.looks("claim").await;
    eyes.open("/vouchers").await;
    eyes.looks("vouchers-claimed").await;
}
