"""What commands render: tables, charts, live screens and messages."""
