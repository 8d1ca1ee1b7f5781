namespace IntegrationHub.Hub.Configuration;

/// <summary>What <c>renames.yaml</c> says: the present name by each former one. Of any other name the name itself.</summary>
/// <param name="Audiences">Keys of audiences.</param>
/// <param name="Sources">Names of sources, which are producers of facts and sources of consent too.</param>
internal sealed record FormerNames(IReadOnlyDictionary<string, string> Audiences, IReadOnlyDictionary<string, string> Sources)
{
    /// <summary>Folder of what audiences are.</summary>
    public const string OfAudiences = "audiences";

    /// <summary>Folder of what sources are.</summary>
    public const string OfSources = "sources";

    /// <summary>Nobody was called otherwise.</summary>
    public static readonly FormerNames None = new(new Dictionary<string, string>(), new Dictionary<string, string>());

    /// <summary>The names of what a folder's files are.</summary>
    public IReadOnlyDictionary<string, string> In(string folder) => folder == OfAudiences ? Audiences : Sources;

    /// <summary>The present key of an audience.</summary>
    public string OfAudience(string name) => Audiences.GetValueOrDefault(name, name);

    /// <summary>The present name of a source.</summary>
    public string OfSource(string name) => Sources.GetValueOrDefault(name, name);
}
