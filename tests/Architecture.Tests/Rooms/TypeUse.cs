using System.Reflection;
using System.Reflection.Emit;

namespace Architecture.Tests.Rooms;

/// <summary>Which types and members a type uses: bases, attributes, signatures, and every token in its method bodies.</summary>
internal static class TypeUse
{
    private const BindingFlags Everything = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly Dictionary<short, OpCode> _codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Full names of types, and of members as <c>Namespace.Type.Member</c>.</summary>
    public static HashSet<string> Of(Type type)
    {
        var uses = new HashSet<string>(StringComparer.Ordinal);
        Add(uses, type.BaseType);
        foreach (var contract in type.GetInterfaces())
            Add(uses, contract);
        foreach (var field in type.GetFields(Everything))
            Add(uses, field.FieldType);
        foreach (var method in type.GetMembers(Everything).OfType<MethodBase>())
        {
            Add(uses, (method as MethodInfo)?.ReturnType);
            foreach (var parameter in method.GetParameters())
                Add(uses, parameter.ParameterType);
            foreach (var member in InBody(method))
                Add(uses, member);
        }
        return uses;
    }

    /// <summary>Sentences <c>Type uses Name</c> for each forbidden prefix that a type uses.</summary>
    public static IEnumerable<string> Forbidden(IEnumerable<Type> types, params string[] prefixes) =>
        from type in types
        from use in Of(type)
        where prefixes.Any(prefix => use == prefix || use.StartsWith($"{prefix}.", StringComparison.Ordinal))
        select $"{type.FullName} uses {use}";

    private static IEnumerable<MemberInfo> InBody(MethodBase method)
    {
        var body = method.GetMethodBody();
        if (body?.GetILAsByteArray() is not { } code)
            yield break;
        foreach (var local in body.LocalVariables)
            yield return local.LocalType;
        var at = 0;
        while (at < code.Length)
        {
            short value = code[at++];
            if (value == 0xFE)
                value = (short)(0xFE00 | code[at++]);
            var operand = _codes[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType
                && Resolve(method, BitConverter.ToInt32(code, at)) is { } member)
            {
                yield return member;
            }
            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    private static MemberInfo? Resolve(MethodBase method, int token) => method.Module.ResolveMember(
        token,
        method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null,
        method.IsGenericMethod ? method.GetGenericArguments() : null);

    private static void Add(HashSet<string> uses, MemberInfo? member)
    {
        switch (member)
        {
            case null:
                break;
            case Type { HasElementType: true } wrapped:
                Add(uses, wrapped.GetElementType());
                break;
            case Type { IsGenericParameter: true }:
                break;
            case Type type:
                uses.Add((type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName?.Replace('+', '.') ?? type.Name);
                foreach (var argument in type.GetGenericArguments())
                    Add(uses, argument);
                break;
            default:
                Add(uses, member.DeclaringType);
                uses.Add($"{member.DeclaringType?.FullName ?? member.DeclaringType?.Name}.{member.Name}");
                if (member is MethodInfo { IsGenericMethod: true } method)
                    foreach (var argument in method.GetGenericArguments())
                        Add(uses, argument);
                break;
        }
    }
}
