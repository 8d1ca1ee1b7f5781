namespace IntegrationHub.Storage.Verification;

/// <summary>The right to read an audience's members back from a destination.</summary>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Owner">Who holds it.</param>
/// <param name="Epoch">Grows whenever the lease is taken.</param>
public sealed record ReadBackLease(string Destination, string Audience, string Owner, long Epoch);
