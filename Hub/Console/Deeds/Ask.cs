using IntegrationHub.Hub.Console.Api;

namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>What a deed looks at before it says what would come of it.</summary>
/// <param name="Api">The API.</param>
/// <param name="Http">The page's request.</param>
internal sealed record Ask(HubApi Api, HttpContext Http)
{
    /// <summary>A value of the page's address; empty when there is none.</summary>
    public string this[string name] => Http.Request.Query[name].ToString();

    /// <summary>Reads.</summary>
    public Task<Answer<T>> GetAsync<T>(string path)
        where T : class => Api.GetAsync<T>(Http, path);
}
