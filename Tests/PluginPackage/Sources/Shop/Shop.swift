/// Code beside the contracts sees what is made of them.
extension ShopV1.Item {
    public var isThere: Bool { (stock?.count ?? 0) > 0 }
}
