using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Destinations;

/// <summary>What happens at the vendor because the configuration asks for another side of an audience than the one that the hub knows. Pure.</summary>
internal static class AudienceMove
{
    /// <summary>By what the configuration asks for an audience, as it is remembered.</summary>
    public static string Words(AudienceRequest request) => request.RemoteId is { } id ? $"id:{id}" : $"name:{request.RemoteName}";

    /// <summary>True when the stored side is no more the one that is asked for.</summary>
    public static bool IsDue(StoredAudience stored, AudienceRequest request) =>
        stored.Requested is { } words ? words != Words(request) : request.RemoteId is not null && request.RemoteId != stored.RemoteRef;

    /// <summary>What will happen, before it is done; null when nothing moves.</summary>
    public static string? Of(StoredAudience stored, AudienceRequest request) => IsDue(stored, request)
        ? $"Audience {stored.Audience} stands as {stored.RemoteRef} at the vendor and the configuration asks for {Asked(request)}: with the next sync all its members are added there; {stored.RemoteRef} keeps the members that it has, and nobody is removed from it by the hub any more."
        : null;

    private static string Asked(AudienceRequest request) => request.RemoteId is { } id ? $"id {id}" : $"the name {request.RemoteName}";
}
