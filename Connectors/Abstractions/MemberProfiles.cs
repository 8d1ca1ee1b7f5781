namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What a vendor tells of people: who is a member, and what it holds of them.</summary>
/// <param name="Members">Members, under the remote id or key that was asked for.</param>
/// <param name="Profiles">Profiles, members or not.</param>
public sealed record MemberProfiles(IReadOnlyList<RemoteMember> Members, IReadOnlyList<RemoteProfile> Profiles);
