namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A connector that tells of given people in one call whether they are members and what the vendor holds of them: members and fields are compared for the price of one.</summary>
public interface IMemberProfileLookup : IMemberLookup
{
    /// <summary>Returns those of the given people who are members now, and the profiles of all of them, as <see cref="IProfileReading.ReadProfilesAsync"/> gives them.</summary>
    /// <param name="audience">The audience.</param>
    /// <param name="people">At most <see cref="IMemberLookup.MaxPeoplePerLookup"/>, as for <see cref="IMemberLookup.LookUpMembersAsync"/>.</param>
    /// <param name="fields">Vendor fields to read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    Task<MemberProfiles> LookUpMemberProfilesAsync(AudienceTarget audience, IReadOnlyList<RemoteMember> people, IReadOnlyList<string> fields, CancellationToken cancellationToken);
}
