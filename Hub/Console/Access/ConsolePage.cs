namespace IntegrationHub.Hub.Console.Access;

/// <summary>Marks a route that a browser shows: its callers are known by a cookie, and refused in words for people.</summary>
internal sealed class ConsolePage;
