// What the company knows: customers, their orders, its stock and its shops. The customers and orders are those of
// `demo/seed.sql`. Nobody here is real, every address is under example.com (RFC 2606), and the passwords are no secret.

/** Customers by user id. Roles are the company's to give: `staff` may look into the stock. */
export function customers() {
  return [
    { user_id: "c1", user_name: "ana", password: "ana-demo-2026", name: "Ana", email: "ana@example.com", phone: "+12025550111", company_id: "northwind", roles: ["customer"] },
    { user_id: "c2", user_name: "ben", password: "ben-demo-2026", name: "Ben", email: "ben@example.com", phone: "+12025550122", company_id: "northwind", roles: ["customer"] },
    { user_id: "c3", user_name: "chris", password: "chris-demo-2026", name: "Chris", email: "chris@example.com", phone: "+12025550133", company_id: "northwind", roles: ["customer"] },
    { user_id: "c4", user_name: "dana", password: "dana-demo-2026", name: "Dana", email: "dana@example.com", phone: "+12025550144", company_id: "northwind", roles: ["customer", "staff"] },
  ];
}

/** Orders by number. `margin` is the company's own business: nothing outside it has any use for it. */
export function orders() {
  const order = (number, user_id, status, items, carrier, tracking, delivery_date, address) => ({
    number, user_id, status, items, carrier, tracking, delivery_date, address, margin: `MARGIN-${number}`,
  });
  return [
    order("NW-1042", "c1", "shipped", ["Ridgeline 40 L pack", "Merino socks (2)"], "FedEx", "7741 8802 1163", "2026-11-24", "12 Alder Lane, Portland, OR 97201"),
    order("NW-1017", "c1", "delivered", ["Talus trail boots, 39"], "UPS", "1Z 88F 204 03", "2026-10-06", "12 Alder Lane, Portland, OR 97201"),
    order("NW-0988", "c1", "delivered", ["Ember down jacket, M"], "UPS", "1Z 88F 117 91", "2026-08-25", "12 Alder Lane, Portland, OR 97201"),
    order("NW-1044", "c2", "being packed", ["Basecamp 2 tent"], "FedEx", "not yet", "2026-11-27", "5 Mill Road, Boulder, CO 80302"),
    order("NW-1001", "c2", "returned", ["Glacier sunglasses"], "USPS", "9400 1118", "2026-09-16", "5 Mill Road, Boulder, CO 80302"),
    order("NW-1039", "c3", "delivered", ["Cascade rain shell, L", "Trail gaiters"], "UPS", "1Z 88F 311 20", "2026-11-14", "8 Church Street, Burlington, VT 05401"),
  ];
}

/** Pieces in each warehouse, by item. */
export function stock() {
  return [
    { item: "Basecamp 2 tent", pieces_in_portland: 14, pieces_in_burlington: 3 },
    { item: "Ridgeline 40 L pack", pieces_in_portland: 41, pieces_in_burlington: 12 },
    { item: "Talus trail boots", pieces_in_portland: 0, pieces_in_burlington: 7 },
    { item: "Cascade rain shell", pieces_in_portland: 22, pieces_in_burlington: 18 },
    { item: "Merino socks", pieces_in_portland: 310, pieces_in_burlington: 95 },
  ];
}

/** Shops by city. */
export function shops() {
  const hours = "10 to 19 on weekdays, 10 to 17 on Saturdays";
  return [
    { city: "Portland", street: "210 NW Everett Street", phone: "+1 202 555 0161", hours },
    { city: "Boulder", street: "1505 Pearl Street", phone: "+1 202 555 0162", hours },
    { city: "Burlington", street: "44 Church Street", phone: "+1 202 555 0163", hours },
  ];
}
