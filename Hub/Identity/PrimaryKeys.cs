namespace IntegrationHub.Identity;

/// <summary>Every primary key is a person; where people decided so, several are one.</summary>
internal sealed class PrimaryKeys
{
    private readonly DisjointKeys _merged = new();

    public PrimaryKeys(IdentityGraph graph)
    {
        foreach (var (one, other) in graph.Merged)
        {
            _merged.Join(one, other);
        }
    }

    /// <summary>The smallest primary key of the person.</summary>
    public PersonKey PersonOf(PersonKey primary) => _merged.FirstOf(primary);
}
