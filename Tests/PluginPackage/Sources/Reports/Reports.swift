public import Shop

extension ReportsV1.Report {
    public init(of items: [ShopV1.Item], note: String) {
        self.init()
        self.items = items
        outcome = .note(note)
    }
}
