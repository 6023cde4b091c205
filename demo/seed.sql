-- The demo: one agent, four customers, six orders. Every address is under example.com (RFC 2606).
-- Written again at every start of the demo, so that a changed demo shows. The company's own API, which the actions
-- call, is `demo/company`.
INSERT OR REPLACE INTO agent (id, settings) VALUES ('ag_northwind', '{
  "id": "ag_northwind",
  "name": "Northwind Outfitters",
  "origins": ["http://127.0.0.1:8788", "http://localhost:8788", "https://shop.test:*"],
  "instructions": "You help customers of Northwind Outfitters, a shop for outdoor gear. Be friendly and brief.",
  "greeting": "Hi! I can look up your orders, or answer questions about our gear, shipping and returns.",
  "suggested": [
    "Where is my order?",
    "When will my parcel arrive?",
    "Track order NW-1044",
    "Is there a shop in Boulder?",
    "What is your returns policy?",
    "Do you ship to Canada?"
  ],
  "knowledge": "Returns policy: You can send anything back within 60 days, used or not. Print a label in your account or ask us for one. The refund arrives within 5 days after the parcel reached us.\n\nShipping to Canada and abroad: We ship to the United States, Canada and the European Union. Standard shipping takes 3 to 5 days and is free from $75; express takes 1 to 2 days and costs $14.\n\nSizes: Our boots run true to size. Between two sizes, take the larger one for hiking and the smaller one for every day. The size guide stands on each product page.\n\nWarranty and repairs: Tents, packs and jackets carry a lifetime warranty against faults. We repair worn gear at cost; a patch for a jacket is $12.\n\nStores and opening hours: Our shops in Portland, Boulder and Burlington are open from 10 to 19 on weekdays and from 10 to 17 on Saturdays.",
  "theme": {"accent": "#1f6f5c", "radius": 16},
  "customer_auth": {
    "enabled": true,
    "title": "Sign in to see your orders",
    "subtitle": "With a code, or with an account that you have.",
    "methods": ["email_code", "phone_code", "google", "login_action", "collection_lookup", "passkey"],
    "phone": {"countries": ["US", "CA", "GB", "DE"], "channels": ["sms", "whatsapp"], "day_messages": 500},
    "lookup": {"collection": "customers", "field": "customer_number", "label": "Customer number", "email_field": "email", "name_field": "name"},
    "google": {"client_id": "demo-countersign.apps.googleusercontent.example"},
    "session": { "inactivity_minutes": 1440, "absolute_hours": 168 },
    "code_digits": 6,
    "code_minutes": 5,
    "persistent_context": true,
    "visible_fields": ["email", "name"],
    "autofetch": [
      {
        "name": "recent orders",
        "description": "the order or parcel of the visitor: order status, delivery, tracking, what they bought, how much they paid, purchases, shipment",
        "source": {"kind": "collection", "collection": "orders", "email_field": "customer_email"},
        "newest_by": "ordered_on",
        "limit": 5,
        "fields": ["order", "status", "items", "total", "ordered_on", "delivery_date", "carrier", "tracking"],
        "fresh_s": 300
      }
    ]
  },
  "model": {"provider": "rehearsal"},
  "actions": [
    {
      "name": "sign_in",
      "title": "Sign in with your Northwind account",
      "kind": {
        "is": "login",
        "vouches_email": true,
        "remembers": [
          {"name": "user_id", "from": "data.user_id"},
          {"name": "name", "from": "data.name"},
          {"name": "email", "from": "data.email"},
          {"name": "company_id", "from": "data.company_id"},
          {"name": "roles", "from": "data.roles"},
          {"name": "token", "from": "data.token"},
          {"name": "refresh_token", "from": "data.refresh_token"},
          {"name": "expired_at", "from": "data.expires_at"}
        ]
      },
      "method": "POST",
      "url": "http://127.0.0.1:8789/login",
      "body": {"user_name": "<user_name>", "password": "<password>"},
      "parameters": [
        {"name": "user_name", "label": "User name", "autocomplete": "username"},
        {"name": "password", "label": "Password", "kind": "password", "autocomplete": "current-password"}
      ],
      "success": "status_code == 200 && response.success == true",
      "failure": "response.message"
    },
    {
      "name": "sign_in_by_phone",
      "title": "Sign in with your phone number",
      "kind": {"is": "login", "next": "enter_phone_code", "remembers": [{"name": "request_id", "from": "request_id"}]},
      "method": "POST",
      "url": "http://127.0.0.1:8789/login/phone",
      "body": {"phone": "<phone>"},
      "parameters": [{"name": "phone", "label": "Phone number", "kind": "tel", "autocomplete": "tel"}],
      "success": "status_code == 200 && response.ok == true",
      "failure": "response.message"
    },
    {
      "name": "enter_phone_code",
      "title": "Enter the code that we sent to your phone",
      "kind": {
        "is": "login",
        "proves": "phone_code",
        "vouches_email": true,
        "remembers": [
          {"name": "user_id", "from": "data.user_id"},
          {"name": "name", "from": "data.name"},
          {"name": "email", "from": "data.email"},
          {"name": "company_id", "from": "data.company_id"},
          {"name": "roles", "from": "data.roles"},
          {"name": "token", "from": "data.token"},
          {"name": "refresh_token", "from": "data.refresh_token"},
          {"name": "expired_at", "from": "data.expires_at"}
        ]
      },
      "method": "POST",
      "url": "http://127.0.0.1:8789/login/phone/verify",
      "body": {"request_id": "{{step.request_id}}", "code": "<code>"},
      "parameters": [{"name": "code", "label": "Code", "autocomplete": "one-time-code"}],
      "success": "status_code == 200 && response.success == true",
      "failure": "response.message"
    },
    {
      "name": "refresh_token",
      "title": "Stay signed in at Northwind",
      "kind": {
        "is": "refresh",
        "remembers": [
          {"name": "token", "from": "data.token"},
          {"name": "refresh_token", "from": "data.refresh_token"},
          {"name": "expired_at", "from": "data.expires_at"}
        ]
      },
      "method": "POST",
      "url": "http://127.0.0.1:8789/token/refresh",
      "body": {"refresh_token": "{{context.refresh_token}}"},
      "success": "status_code == 200 && response.success == true",
      "idempotent": true
    },
    {
      "name": "find_shop",
      "title": "Find a shop",
      "description": "Find a Northwind shop in a city: its street, phone number and opening hours.",
      "kind": {"is": "public"},
      "url": "http://127.0.0.1:8789/shops?city=<city>",
      "parameters": [
        {
          "name": "city",
          "label": "City",
          "description": "The city in which the shop is: Portland, Boulder or Burlington."
        }
      ],
      "success": "status_code == 200 && response.success == true",
      "shows": [{"name": "shops", "from": "data.shops"}],
      "failure": "response.message"
    },
    {
      "name": "track_order",
      "title": "Track an order",
      "description": "Track one order by its number: the carrier, the tracking number and the day of delivery, as the warehouse has them now.",
      "kind": {"is": "private"},
      "url": "http://127.0.0.1:8789/orders/<order_number>",
      "headers": [{"name": "Authorization", "value": "Bearer {{context.token}}"}],
      "parameters": [{"name": "order_number", "label": "Order", "description": "The number of the order, such as NW-1042."}],
      "success": "status_code == 200 && response.success == true",
      "shows": [
        {"name": "number", "from": "data.number"},
        {"name": "status", "from": "data.status"},
        {"name": "carrier", "from": "data.carrier"},
        {"name": "tracking", "from": "data.tracking"},
        {"name": "delivery_date", "from": "data.delivery_date"},
        {"name": "address", "from": "data.address"}
      ],
      "failure": "response.message"
    },
    {
      "name": "change_delivery_address",
      "title": "Change the delivery address",
      "description": "Change the delivery address of an order that was not shipped yet: send the parcel to another address.",
      "kind": {"is": "private", "assurance": "email_code", "confirm": true},
      "method": "PUT",
      "url": "http://127.0.0.1:8789/orders/<order_number>/address",
      "headers": [{"name": "Authorization", "value": "Bearer {{context.token}}"}],
      "body": {"address": "<address>"},
      "parameters": [
        {"name": "order_number", "label": "Order", "description": "The number of the order, such as NW-1042."},
        {
          "name": "address",
          "label": "New address",
          "description": "The new delivery address: street and number, city, state and postcode."
        }
      ],
      "success": "status_code == 200 && response.success == true",
      "shows": [{"name": "number", "from": "data.number"}, {"name": "address", "from": "data.address"}],
      "failure": "response.message",
      "idempotent": true
    },
    {
      "name": "check_stock",
      "title": "Check the stock",
      "description": "For staff: how many pieces are in stock, in each warehouse, of the Basecamp 2 tent, Ridgeline 40 L pack, Talus trail boots, Cascade rain shell or Merino socks.",
      "kind": {"is": "private", "roles": ["staff"]},
      "url": "http://127.0.0.1:8789/stock?item=<item>",
      "headers": [{"name": "Authorization", "value": "Bearer {{context.token}}"}],
      "parameters": [
        {
          "name": "item",
          "label": "Item",
          "description": "Which item, such as Basecamp 2 tent.",
          "kind": "choice",
          "choices": [
            {"value": "Basecamp 2 tent", "label": "Basecamp 2 tent"},
            {"value": "Ridgeline 40 L pack", "label": "Ridgeline 40 L pack"},
            {"value": "Talus trail boots", "label": "Talus trail boots"},
            {"value": "Cascade rain shell", "label": "Cascade rain shell"},
            {"value": "Merino socks", "label": "Merino socks"}
          ]
        }
      ],
      "success": "status_code == 200 && response.success == true",
      "shows": [{"name": "items", "from": "data.items"}],
      "failure": "response.message"
    }
  ]
}');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'customers', 'c1', '{"email": "ana@example.com", "name": "Ana", "customer_number": "4471"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'customers', 'email', 'ana@example.com', 'c1');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'customers', 'customer_number', '4471', 'c1');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'customers', 'c2', '{"email": "ben@example.com", "name": "Ben", "customer_number": "4472"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'customers', 'email', 'ben@example.com', 'c2');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'customers', 'customer_number', '4472', 'c2');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'customers', 'c3', '{"email": "chris@example.com", "name": "Chris", "customer_number": "4473"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'customers', 'email', 'chris@example.com', 'c3');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'customers', 'customer_number', '4473', 'c3');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'customers', 'c4', '{"email": "dana@example.com", "name": "Dana", "customer_number": "4474"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'customers', 'email', 'dana@example.com', 'c4');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'customers', 'customer_number', '4474', 'c4');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'orders', 'NW-1042', '{"order": "NW-1042", "customer_email": "ana@example.com", "status": "shipped", "items": ["Ridgeline 40 L pack", "Merino socks (2)"], "total": "$148.00", "ordered_on": "2026-11-17", "delivery_date": "2026-11-24", "carrier": "FedEx", "tracking": "7741 8802 1163"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'orders', 'customer_email', 'ana@example.com', 'NW-1042');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'orders', 'NW-1017', '{"order": "NW-1017", "customer_email": "ana@example.com", "status": "delivered", "items": ["Talus trail boots, 39"], "total": "$165.00", "ordered_on": "2026-10-02", "delivery_date": "2026-10-06", "carrier": "UPS", "tracking": "1Z 88F 204 03"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'orders', 'customer_email', 'ana@example.com', 'NW-1017');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'orders', 'NW-0988', '{"order": "NW-0988", "customer_email": "ana@example.com", "status": "delivered", "items": ["Ember down jacket, M"], "total": "$229.00", "ordered_on": "2026-08-21", "delivery_date": "2026-08-25", "carrier": "UPS", "tracking": "1Z 88F 117 91"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'orders', 'customer_email', 'ana@example.com', 'NW-0988');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'orders', 'NW-1044', '{"order": "NW-1044", "customer_email": "ben@example.com", "status": "being packed", "items": ["Basecamp 2 tent"], "total": "$319.00", "ordered_on": "2026-11-19", "delivery_date": "2026-11-27", "carrier": "FedEx", "tracking": "not yet"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'orders', 'customer_email', 'ben@example.com', 'NW-1044');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'orders', 'NW-1001', '{"order": "NW-1001", "customer_email": "ben@example.com", "status": "returned", "items": ["Glacier sunglasses"], "total": "$84.00", "ordered_on": "2026-09-12", "delivery_date": "2026-09-16", "carrier": "USPS", "tracking": "9400 1118"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'orders', 'customer_email', 'ben@example.com', 'NW-1001');
INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES ('ag_northwind', 'orders', 'NW-1039', '{"order": "NW-1039", "customer_email": "chris@example.com", "status": "delivered", "items": ["Cascade rain shell, L", "Trail gaiters"], "total": "$214.00", "ordered_on": "2026-11-10", "delivery_date": "2026-11-14", "carrier": "UPS", "tracking": "1Z 88F 311 20"}');
INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES ('ag_northwind', 'orders', 'customer_email', 'chris@example.com', 'NW-1039');
