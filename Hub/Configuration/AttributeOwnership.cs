namespace IntegrationHub.Hub.Configuration;

/// <summary>Whose an attribute is.</summary>
/// <param name="SystemOfRecord">The producer that answers for it: a source's name, another producer of facts, or <c>list:AUDIENCE</c>.</param>
/// <param name="Conflict">What becomes of values of others.</param>
internal sealed record AttributeOwnership(string SystemOfRecord, ConflictRule Conflict)
{
    /// <summary>True when a producer's value is taken.</summary>
    public bool Admits(string producer) => Conflict == ConflictRule.Newest || string.Equals(producer, SystemOfRecord, StringComparison.Ordinal);
}
