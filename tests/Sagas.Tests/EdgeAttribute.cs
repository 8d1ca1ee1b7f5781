using System.Reflection;

namespace Sagas.Tests;

/// <summary>
/// Says which edge of the machine a test goes over; the test fails when it does not. <see cref="Each"/> as a state stands for the first argument
/// of each test case.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class EdgeAttribute(string from, string message, string to) : Attribute
{
    public const string Each = "*";

    public static IEnumerable<Edge> OfCase(MethodInfo method, object?[] arguments) => method.GetCustomAttributes<EdgeAttribute>()
        .Select(attribute => attribute.In(arguments));

    public static IEnumerable<Edge> OfMethod(MethodInfo method)
    {
        var cases = method.GetCustomAttributes<TestCaseAttribute>().Select(attribute => attribute.Arguments).ToList();
        return cases.Count == 0 ? OfCase(method, []) : cases.SelectMany(arguments => OfCase(method, arguments));
    }

    private Edge In(object?[] arguments) => new(
        from == Each ? (string)arguments[0]! : from,
        message,
        to == Each ? (string)arguments[0]! : to);
}

/// <summary>In state <paramref name="From"/>, <paramref name="Message"/> is handled and leaves the run in state <paramref name="To"/>.</summary>
internal sealed record Edge(string From, string Message, string To) : IComparable<Edge>
{
    public int CompareTo(Edge? other) => string.CompareOrdinal(ToString(), other?.ToString());

    public override string ToString() => $"{From} + {Message} -> {To}";
}
