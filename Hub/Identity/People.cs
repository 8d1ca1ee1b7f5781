namespace IntegrationHub.Identity;

/// <summary>Who is who: every key with where it stands. Holds personal data.</summary>
/// <param name="Keys">All keys that tell people.</param>
public sealed record People(IReadOnlyDictionary<PersonKey, ResolvedKey> Keys)
{
    /// <summary>The people by their first key, each with the keys that he or she holds.</summary>
    public ILookup<PersonKey, PersonKey> ByFirstKey { get; } = Keys.Where(key => key.Value.State == KeyState.Held).ToLookup(key => key.Value.Person!.Value, key => key.Key);
}
