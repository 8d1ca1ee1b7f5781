namespace IntegrationHub.Storage.Deliveries;

/// <summary>Memberships that the live lane left to a run.</summary>
/// <param name="Membership">Whose, and what was to happen to them.</param>
/// <param name="Count">How often something was held; a person who is stated again counts again.</param>
/// <param name="Members">Members that the destination had when the window began.</param>
/// <param name="Since">Since when nobody was asked.</param>
public sealed record HeldMemberships(GuardedMembership Membership, long Count, long Members, DateTimeOffset Since);
