namespace IntegrationHub.Hub.Console.Api;

/// <summary>Pages that are open look again by themselves.</summary>
internal static class Looks
{
    private const string Header = "X-Hub-Look";

    /// <summary>True when it is the page that asks again, and nobody who came to it.</summary>
    public static bool IsLook(this HttpContext http) => http.Request.Headers.ContainsKey(Header);
}
