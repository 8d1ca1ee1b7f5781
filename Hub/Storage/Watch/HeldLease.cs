namespace IntegrationHub.Storage.Watch;

/// <summary>A partition that a turn holds.</summary>
/// <param name="Destination">Its destination.</param>
/// <param name="Lane">Its lane.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Owner">The turn: name of its hub, a hyphen, a number.</param>
/// <param name="ExpiresAt">When it frees itself, by the database's clock.</param>
public sealed record HeldLease(string Destination, string Lane, int Partition, string Owner, DateTimeOffset ExpiresAt);
