namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// With a delivery of the live lane that brings a person's state up to date: how the person stands in its audience, here and at the destination, when it is
/// claimed. What is sent follows from it, not from what was owed.
/// </summary>
/// <param name="IsMember">True when the person belongs to the audience now; without an audience, to one that goes to the destination.</param>
/// <param name="IsRemoteMember">True when the destination confirmed the membership.</param>
/// <param name="AddedByHub">True when the hub made the person a member there, or may have.</param>
/// <param name="InDoubt">True when nobody knows whether the person is a member there.</param>
/// <param name="IsJoined">True when another profile shows the person since the two became one.</param>
/// <param name="ConfirmedHash">Hash of the fields that the destination has, or null.</param>
public sealed record LiveState(bool IsMember, bool IsRemoteMember, bool AddedByHub, bool InDoubt, bool IsJoined, Guid? ConfirmedHash);
