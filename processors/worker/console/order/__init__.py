"""Makes the page of one order from its document and a page of its timeline, without IO."""
