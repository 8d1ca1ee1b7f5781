namespace IntegrationHub.BridgeProcess;

/// <summary>Asks for one effect; answered by <see cref="Charged"/>.</summary>
/// <param name="ChargeId">What to charge.</param>
/// <param name="Fails">True makes the consumer throw after it has written and published.</param>
/// <param name="Copies">How many answers.</param>
public sealed record Charge(Guid ChargeId, bool Fails = false, int Copies = 1);

/// <summary>One effect was made.</summary>
public sealed record Charged(Guid ChargeId, int Copy);

/// <summary>Starts an order, or names it again.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Name">By which it can be found.</param>
/// <param name="ExpiresAfter">When to schedule its expiry; null means never.</param>
public sealed record StartOrder(Guid OrderId, string Name, TimeSpan? ExpiresAfter = null);

/// <summary>Adds one to the order; starts it when it is new.</summary>
public sealed record TouchOrder(Guid OrderId);

/// <summary>Adds one to the order that has the name.</summary>
public sealed record TouchOrderByName(string Name);

/// <summary>Cancels the order's expiry.</summary>
public sealed record KeepOrder(Guid OrderId);

/// <summary>Removes the order.</summary>
public sealed record CloseOrder(Guid OrderId);

/// <summary>Fails after having changed the order and published.</summary>
public sealed record BreakOrder(Guid OrderId);

/// <summary>The order's time is over.</summary>
public sealed record OrderExpired(Guid OrderId);

/// <summary>The order has changed.</summary>
public sealed record OrderTouched(Guid OrderId, int Touches);
