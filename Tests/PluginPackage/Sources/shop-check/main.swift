import ProtoWire
import RPC
import Reports
import Shop
import Validation
import WellKnown

// Fills messages of both modules, sends them through the wire form, and looks whether all came back.
var stock = StockV1.Item()
stock.count = 3
stock.shelves = ["a", "b"]
var item = ShopV1.Item()
item.id = "42"
item.title = "loom"
item.stock = stock
var listed = GoogleProtobuf.Timestamp()
listed.seconds = 1_700_000_000
item.listedAt = listed
item.prices["EUR"] = 19_900

var report = ReportsV1.Report(of: [item], note: "all there")
var minute = GoogleProtobuf.Duration()
minute.seconds = 60
report.period = minute
let read = try ReportsV1.Report(decoding: report.encoded())
precondition(read == report && read.items[0].isThere, "the report did not come back as it was sent")
precondition(ShopV1.shopServiceDescriptor.methods.map(\.path) == ["/shop.v1.ShopService/GetItem"])
let (kept, broken) = try (item.violations(), ShopV1.Item().violations())
precondition(kept.isEmpty && broken.map(\.ruleID) == ["string.min_len"])
print("plugin check: \(read.items[0].title), \(read.encoded().count) bytes, \(ShopV1.shopServiceDescriptor.fullName)")
