"""One order as a page: from its document and a page of its timeline, without IO."""
