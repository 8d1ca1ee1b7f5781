namespace Hub.Tests.Delivery.Quota;

/// <summary>One thing that goes wrong.</summary>
/// <param name="At">When, in parts of 256 of the time that is disturbed.</param>
/// <param name="What">What.</param>
/// <param name="Whom">Which instance.</param>
/// <param name="HowMuch">How long, how late or by how much, in parts of 256; for the clock, the lower half sets it back.</param>
public sealed record Disturbance(byte At, Mishap What, byte Whom, byte HowMuch);
