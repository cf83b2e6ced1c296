# == key
read -rsp 'Key: ' KEY

# == begin
OCTO=$ADDRESS/octo
MODE=test
octo() {
  curl -sS -H "Authorization: Bearer $KEY" -H "Octo-Env: $MODE" \
    -H 'Octo-Capabilities: octo/pricing' \
    -H 'Content-Type: application/json' "$OCTO$@"
  echo
}

# == products
octo /products

# == availability
PRODUCT=bo-taen.homestay
OPTION=2-nights
DAY=$(python3 -c 'from datetime import *
print(date.today() + timedelta(14))')
octo /availability -d '{
  "productId": "'$PRODUCT'", "optionId": "'$OPTION'",
  "localDateStart": "'$DAY'", "localDateEnd": "'$DAY'"
}' | tee starts.json
START=$(grep -o '"id":"[^"]*"[^{}]*"available":true' starts.json |
  head -1 | cut -d'"' -f4)

# == reserve
UUID=$(python3 -c 'import uuid; print(uuid.uuid4())')
octo /bookings -d '{
  "uuid": "'$UUID'", "productId": "'$PRODUCT'",
  "optionId": "'$OPTION'", "availabilityId": "'$START'",
  "unitItems": [{"unitId": "adult"}, {"unitId": "adult"}]
}'

# == extend
octo /bookings/$UUID/extend -d '{"expirationMinutes": 60}'

# == confirm
octo /bookings/$UUID/confirm -d '{
  "resellerReference": "MT-1042",
  "contact": {"fullName": "Anna Example",
              "phoneNumber": "+66812345678"}
}'

# == look
octo /bookings/$UUID
octo '/bookings?resellerReference=MT-1042'

# == cancel
octo /bookings/$UUID/cancel -d '{"reason": "trying out"}'

# == live
MODE=live

# == receiver
python3 -c '
from http.server import *
class Receiver(BaseHTTPRequestHandler):
  def do_POST(self):
    size = int(self.headers["Content-Length"])
    print(self.headers, self.rfile.read(size).decode(), flush=True)
    self.send_response(204)
    self.end_headers()
HTTPServer(("127.0.0.1", 9000), Receiver).serve_forever()'

# == subscribe
RECEIVER=http://127.0.0.1:9000/
octo /notifications/subscriptions -d '{
  "url": "'$RECEIVER'",
  "notificationTypes": ["BOOKING_UPDATE", "AVAILABILITY_UPDATE"]
}'

# == partners
v1() {
  curl -sS -H "Authorization: Bearer $KEY" \
    -H 'Content-Type: application/json' "$ADDRESS/v1$@"
  echo
}
v1 /communities/tha-li/partners

# == offer
HANDOFF=$(python3 -c 'import uuid; print(uuid.uuid4())')
DAY=$(python3 -c 'from datetime import *
print(date.today() + timedelta(14))')
v1 /handoffs -d '{
  "uuid": "'$HANDOFF'", "community": "tha-li",
  "partner": "bo-taen", "party": {"adults": 2},
  "items": [{"product_id": "bo-taen.homestay",
             "day": "'$DAY'", "nights": 2}],
  "language": "th"
}'

# == stands
v1 /handoffs/$HANDOFF

# == withdraw
v1 /handoffs/$HANDOFF/withdraw -d '{"reason": "other"}'
