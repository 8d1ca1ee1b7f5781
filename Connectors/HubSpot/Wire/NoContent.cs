namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>An answer that tells by its status alone, as 204 does.</summary>
internal sealed class NoContent
{
    private static readonly NoContent Instance = new();

    private NoContent()
    {
    }

    public static NoContent Parse(ReadOnlySpan<byte> body) => Instance;
}
