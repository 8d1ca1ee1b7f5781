namespace IntegrationHub.Storage.Standings;

/// <summary>How a person stands in an audience, here and at a destination.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Audience">The audience.</param>
/// <param name="IsMember">True when the person belongs to it; null when nobody ever said so or not.</param>
/// <param name="Since">Since when it is so, or null.</param>
/// <param name="IsRemoteMember">True when the destination confirmed the membership.</param>
/// <param name="AddedByHub">True when the hub made the person a member there.</param>
/// <param name="InDoubt">True when nobody knows whether the person is a member there.</param>
/// <param name="ConfirmedAt">When the destination last confirmed how it is, or null.</param>
public sealed record AudienceStanding(
    string Destination, string Audience, bool? IsMember, DateTimeOffset? Since, bool IsRemoteMember, bool AddedByHub, bool InDoubt, DateTimeOffset? ConfirmedAt);
