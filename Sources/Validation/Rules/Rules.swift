/// What generated checks ask of a value: one static function a rule, true if the value keeps it.
///
/// None allocates, none fails, and each takes time linear in its argument.
public enum Rules {}
